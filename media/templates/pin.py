"""A pin that says what it is about: a plate with the title above the product, the shop's name at the foot."""

from media.looks.blocks import (
    Json,
    column,
    label,
    layer,
    logo,
    look,
    page,
    photo,
    price,
    row,
    stack,
    title,
    variant,
    words,
)

_PLATE: Json = column(
    label("{badge}", 22),
    title(70, lines=4, weight=550, leading=1.1),
    words("{subtitle}", 27, colour="muted", lines=3),
    gap=22,
    padding=48,
    align="center",
    fill="panel",
    rounded=True,
    anchor="start",
)

TEMPLATE = look(
    "pin",
    "Pin with a title",
    "A title on a plate above the product, to be read in a column of pins; price and shop at the foot.",
    2,
    page(
        variant(
            "square",
            "wide",
            body=row(
                column(
                    label("{badge}", 22),
                    column(title(60, lines=6, weight=550), words("{subtitle}", 26, colour="muted", lines=4), gap=24),
                    column(price(36), logo(), gap=24),
                    share=0.46,
                    padding=48,
                    gap=24,
                    justify="between",
                    fill="panel",
                ),
                photo(0.4),
                gap=0,
            ),
        ),
        variant(
            "tall",
            body=stack(
                photo(0.4),
                column(
                    label("{badge}", 22),
                    title(74, lines=4, weight=550, leading=1.1),
                    words("{subtitle}", 29, colour="muted", lines=3),
                    layer("shape", width=0, height=1, colour="muted"),
                    row(logo(), price(36), gap=28, align="center", justify="between"),
                    gap=26,
                    padding=48,
                    fill="panel",
                    rounded=True,
                    anchor="freer",
                ),
                gap=44,
            ),
        ),
        variant(
            body=stack(
                photo(0.27),
                _PLATE,
                row(
                    logo(), price(34), gap=28, align="center", justify="between",
                    padding=30, fill="panel", rounded=True, anchor="end",
                ),
                gap=44,
            ),
        ),
    ),
)  # fmt: skip
