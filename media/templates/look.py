"""Shop the look: one picture, numbers on the things in it, and a legend with their names and prices."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, row, stack, title, variant

_PHOTO: Json = photo(0.46, spots=True)

TEMPLATE = look(
    "look",
    "Shop the look",
    "One picture with numbered points, and a legend that names what they point to and what it costs.",
    2,
    page(
        variant(
            "tall",
            body=stack(
                photo(0.4, spots=True),
                column(
                    logo(),
                    title(46, lines=2),
                    layer("legend", size=30),
                    gap=30,
                    padding=44,
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
                _PHOTO,
                column(
                    logo(),
                    column(title(44, lines=4), layer("legend", size=27), gap=36),
                    share=0.42,
                    padding=44,
                    fill="panel",
                    justify="between",
                ),
                gap=0,
            ),
        ),
        variant(
            body=column(
                _PHOTO,
                column(
                    row(title(44, lines=2), logo(), gap=24, align="end", justify="between", wraps=True),
                    layer("legend", columns=2, size=26),
                    gap=32,
                    padding=48,
                    fill="panel",
                ),
                gap=0,
            ),
        ),
    ),
)
