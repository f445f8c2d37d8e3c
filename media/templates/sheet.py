"""A technical sheet: the product on a quiet ground, its facts in rows, a code that leads to more."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, price, row, stack, title, variant

_FACTS: Json = layer("facts", size=27, smallest=17, most=8)
_FOOT: Json = row(
    column(logo(), price(44), gap=18, justify="end"), layer("qr", size=140), gap=30, align="end", justify="between"
)

TEMPLATE = look(
    "sheet",
    "Technical sheet",
    "The picture with up to eight facts in rows below its name; price, shop and a QR code at the foot.",
    2,
    page(
        variant(
            "tall",
            body=stack(
                photo(0.32),
                column(
                    title(50, lines=3), _FACTS, _FOOT, gap=36, padding=48, fill="ground", rounded=True, anchor="freer"
                ),
                gap=40,
            ),
        ),
        variant(
            "square",
            "wide",
            body=row(
                photo(0.34),
                column(
                    column(title(46, lines=3), _FACTS, gap=40),
                    _FOOT,
                    share=0.58,
                    padding=46,
                    gap=26,
                    justify="between",
                    fill="ground",
                ),
                gap=0,
            ),
        ),
        variant(
            body=column(
                photo(0.32),
                column(title(50, lines=3), _FACTS, _FOOT, gap=36, padding=54, fill="ground"),
                gap=0,
            ),
        ),
    ),
)
