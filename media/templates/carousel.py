"""A set to swipe through: a cover, the details one by one, and what to do next."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, price, row, stack, title, variant, words

_NEXT: Json = layer("shape", kind="arrow", height=26)
_PAGE: Json = words("{page}", 24, colour="muted", lines=1)
_ITEM: Json = column(
    row(title(48, lines=3), price(42, beside=False), gap=32, align="end", justify="between", wraps=True),
    row(_PAGE, _NEXT, gap=20, justify="between", align="center"),
    gap=34,
    padding=50,
    fill="panel",
)
_ITEM_BESIDE: Json = column(
    logo(),
    column(title(54, lines=6), price(46, beside=False), gap=24),
    row(_PAGE, _NEXT, gap=20, justify="between", align="center"),
    gap=34,
    padding=46,
    fill="panel",
)
_FACTS: Json = column(
    title(40, lines=2),
    layer("facts", size=29, most=4),
    row(_PAGE, _NEXT, gap=20, justify="between", align="center"),
    gap=30,
    padding=50,
    fill="panel",
)


def _beside(words: Json, share: float = 0.42) -> tuple[Json]:
    """The words beside the picture, where that shows more of it."""
    panel = {**words, "share": share, "justify": "between"}
    return (variant("square", "wide", picture="upright", body=row(photo(1 - share - 0.1), panel, gap=0)),)


def _card(words: Json) -> Json:
    """The words on a card where that leaves a tall picture the most room."""
    card = {**words, "padding": 44, "rounded": True, "anchor": "freer"}
    return variant("tall", body=stack(photo(0.3), card, gap=44))


_COVER = page(
    _card(
        column(
            logo(),
            title(72, lines=4),
            words("{subtitle}", 28, colour="muted", lines=3),
            row(_PAGE, _NEXT, gap=20, justify="between", align="center"),
            gap=28,
            fill="panel",
        )
    ),
    *_beside(
        column(
            logo(),
            column(title(60, lines=6, weight=550), words("{subtitle}", 27, colour="muted", lines=5), gap=24),
            row(_PAGE, _NEXT, gap=20, justify="between", align="center"),
            gap=28,
            padding=46,
            fill="panel",
        )
    ),
    variant(
        body=column(
            photo(0.48),
            column(
                row(
                    column(
                        logo(),
                        title(76, lines=3, weight=550),
                        words("{subtitle}", 28, colour="muted"),
                        gap=22,
                        grow=True,
                    ),
                    _NEXT,
                    gap=36,
                    align="end",
                ),
                padding=52,
                fill="panel",
            ),
            gap=0,
        ),
    ),
)

_END = page(
    variant(
        body=column(
            logo(colour="ink"),
            column(
                title(80, lines=5),
                price(56),
                layer("badge", text="{action}", size=32, fill="ink"),
                words("{deadline}", 26, lines=2),
                gap=40,
                align="center",
            ),
            row(_PAGE, layer("qr", size=150), gap=20, justify="between", align="end"),
            padding=84,
            gap=30,
            align="center",
            justify="between",
            fill="accent",
        ),
    ),
)

TEMPLATE = look(
    "carousel",
    "Carousel",
    "A set of pictures of one shape: cover, a page for each item and for every four facts, and a call to action.",
    2,
    _COVER,
    page(_card(_ITEM), *_beside(_ITEM_BESIDE), variant(body=column(photo(0.5), _ITEM, gap=0)), per="item"),
    page(_card(_FACTS), *_beside(_FACTS, 0.52), variant(body=column(photo(0.4), _FACTS, gap=0)), per="facts"),
    _END,
)
