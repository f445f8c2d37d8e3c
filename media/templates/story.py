"""A story that leads somewhere: name and price on a card, and room below them for the network's link sticker."""

from media.looks.blocks import Json, column, layer, logo, look, page, photo, price, row, stack, title, variant, words

_CALL: Json = row(
    words("{action}", 30, weight=600, lines=1, colour="accent"),
    layer("shape", kind="down", height=24),
    gap=16,
    align="center",
)

TEMPLATE = look(
    "story",
    "Story with a link",
    "The picture with its name and price, what to do, and room below for the network's own link sticker.",
    2,
    page(
        variant(
            "tall",
            body=stack(
                photo(0.4),
                column(
                    logo(),
                    title(66, lines=3),
                    price(50),
                    _CALL,
                    layer("space", height=96),
                    gap=26,
                    padding=44,
                    fill="panel",
                    rounded=True,
                    anchor="freer",
                ),
                gap=44,
            ),
        ),
        variant(
            "square",
            "wide",
            picture="upright",
            body=row(
                photo(0.5),
                column(
                    logo(),
                    column(title(52, lines=6), price(46, beside=False), gap=26),
                    layer("badge", text="{action}", size=28, fill="accent"),
                    share=0.4,
                    padding=44,
                    fill="panel",
                    gap=30,
                    justify="between",
                ),
                gap=0,
            ),
        ),
        variant(
            body=stack(
                photo(0.5),
                column(
                    row(
                        column(logo(), title(50, lines=3), gap=18, grow=True),
                        column(
                            price(44, beside=False), layer("badge", text="{action}", size=27, fill="accent"), gap=22
                        ),
                        gap=36,
                        align="end",
                        justify="between",
                        wraps=True,
                    ),
                    padding=38,
                    fill="panel",
                    rounded=True,
                    anchor="freer",
                ),
                gap=36,
            ),
        ),
    ),
)
