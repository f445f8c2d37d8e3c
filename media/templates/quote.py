"""What a customer says: the words large, stars, a name; the picture beside or above."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, price, row, stack, title, variant, words

_STARS: Json = layer("stars", size=36)
_SAID: Json = column(
    _STARS,
    title(56, "{quote}", weight=500, lines=8, leading=1.24, smallest=22),
    words("— {author}", 28, weight=560, colour="ink"),
    gap=30,
)
_OF: Json = row(
    words("{title}", 24, colour="muted", lines=2), price(26, weight=560), gap=20, align="end", justify="between"
)

TEMPLATE = look(
    "quote",
    "Review",
    "A customer's words in large type with their stars and name, beside the picture or below it.",
    2,
    page(
        variant(
            "tall",
            body=stack(
                photo(0.4),
                column(
                    _SAID,
                    layer("shape", width=0, height=1, colour="muted"),
                    _OF,
                    gap=34,
                    padding=48,
                    fill="panel",
                    rounded=True,
                    anchor="freer",
                ),
                gap=40,
            ),
        ),
        variant(
            "square",
            "wide",
            body=row(
                column(
                    logo(),
                    _SAID,
                    _OF,
                    share=0.55,
                    padding=50,
                    gap=28,
                    fill="panel",
                    justify="between",
                ),
                photo(0.4),
                gap=0,
            ),
        ),
        variant(
            body=column(
                column(_SAID, layer("shape", width=0, height=1, colour="muted"), _OF, gap=34, padding=56),
                photo(0.38),
                gap=0,
                fill="panel",
            ),
        ),
    ),
)
