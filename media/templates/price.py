"""Title and price on the brand's ground: below the picture, beside it where that shows more of it, or on a card."""

from media.looks.blocks import Json, column, logo, look, page, photo, price, row, rule, stack, title, variant

_ROW: Json = row(column(logo(), title(60), gap=20, grow=True), price(54, beside=False), gap=44, align="end", wraps=True)
_CARD: Json = stack(
    photo(0.4),
    column(logo(), title(62), price(54), gap=22, padding=42, fill="panel", rounded=True, anchor="freer"),
    gap=44,
)

TEMPLATE = look(
    "price",
    "Title and price",
    "The picture with its title and price on a panel in the brand's colours; a former price is struck out.",
    4,
    page(
        variant("tall", body=_CARD),
        variant(
            "square",
            "wide",
            picture="upright",
            body=row(
                photo(0.5),
                column(
                    logo(),
                    column(rule(), title(52, lines=7), price(50, beside=False), gap=30),
                    share=0.4,
                    padding=44,
                    fill="panel",
                    justify="between",
                ),
                gap=0,
            ),
        ),
        variant(body=column(photo(0.56), column({**_ROW}, padding=46, fill="panel"), gap=0)),
    ),
)
