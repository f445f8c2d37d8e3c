"""An offer or a contest: the headline first, on the accent; the picture below it, what to do, and until when."""

from media.looks.blocks import Json, column, label, layer, logo, look, page, photo, price, row, title, variant, words

_HEAD: Json = column(
    label("{badge}", 25, colour="ink", tracking=0.22),
    title(88, lines=4, weight=650, leading=1.06, smallest=30),
    words("{subtitle}", 30, lines=4),
    gap=24,
)
_CALL: Json = row(
    layer("badge", text="{action}", size=31, fill="ink"),
    words("{deadline}", 26, lines=2, weight=560),
    gap=28,
    align="center",
    wraps=True,
)

_BESIDE: Json = row(
    column(
        logo(colour="ink"), _HEAD, column(price(44), _CALL, gap=26), share=0.54, padding=50, gap=24, justify="between"
    ),
    column(photo(0.4, rounded=True), padding=50, grow=True),
    gap=0,
    fill="accent",
)

TEMPLATE = look(
    "promotion",
    "Promotion or contest",
    "A headline on the accent, the picture, a call to action, and the day on which it ends.",
    2,
    page(
        variant(
            "tall",
            body=column(
                column(logo(colour="ink", drop=2), _HEAD, price(48), _CALL, gap=40, padding=64),
                photo(0.3),
                gap=0,
                fill="accent",
            ),
        ),
        variant(
            "square",
            picture="upright",
            body=row(
                column(
                    logo(colour="ink"),
                    _HEAD,
                    column(price(44), _CALL, gap=26),
                    share=0.52,
                    padding=50,
                    gap=24,
                    justify="between",
                ),
                photo(0.4),
                gap=0,
                fill="accent",
            ),
        ),
        variant("wide", body=_BESIDE),
        variant(
            body=column(
                _HEAD,
                photo(0.26, rounded=True),
                row(_CALL, price(44, beside=False), gap=30, align="center", justify="between", wraps=True),
                logo(colour="ink", drop=2),
                gap=38,
                padding=64,
                fill="accent",
            ),
        ),
    ),
)
