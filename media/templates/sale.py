"""A reduction, framed in the accent: what it costs now, large, what it cost before, struck out, and a badge."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, price, row, stack, title, variant

_BADGE: Json = layer("badge", shape="disc", size=46, smallest=26, corner="top-end", fill="accent")
_PRICE: Json = price(88, weight=700)

TEMPLATE = look(
    "sale",
    "Sale",
    "A picture framed in the accent, its price large beside the former one, and a badge such as −30 %.",
    2,
    page(
        variant(
            "tall",
            body=stack(
                photo(0.4),
                column(
                    logo(), _BADGE, _PRICE, title(44, weight=500),
                    gap=26, padding=44, fill="ground", rounded=True, anchor="freer",
                ),
                gap=44,
                border="accent",
                border_width=15,
            ),
        ),
        variant(
            "square",
            "wide",
            picture="upright",
            body=column(
                row(
                    photo(0.5),
                    column(
                        logo(),
                        column(_BADGE, title(42, weight=500, lines=6), price(72, weight=700, beside=False), gap=30),
                        share=0.42,
                        padding=44,
                        justify="between",
                        fill="ground",
                    ),
                    gap=0,
                ),
                gap=0,
                border="accent",
                border_width=15,
            ),
        ),
        variant(
            body=column(
                photo(0.5),
                column(
                    row(
                        column(logo(), _BADGE, title(44, weight=500), gap=18, grow=True),
                        price(78, weight=700, beside=False),
                        gap=40,
                        align="end",
                        wraps=True,
                    ),
                    padding=46,
                    fill="ground",
                ),
                gap=0,
                border="accent",
                border_width=15,
            ),
        ),
    ),
)  # fmt: skip
