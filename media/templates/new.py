"""A new arrival, hung like a print: wide margins and its name in the middle, above a tall picture, else below it."""

from media.looks.blocks import Json, column, label, logo, look, page, photo, price, row, title, variant

_NEW: Json = label("{new}", 24, tracking=0.3)

_BESIDE: Json = row(
    column(
        _NEW,
        column(title(62, lines=5), price(36, weight=500), gap=22),
        logo(colour="muted", drop=2),
        share=0.42,
        padding=44,
        justify="between",
    ),
    column(photo(0.5, rounded=True), padding=44, grow=True),
    gap=0,
    fill="panel",
)

TEMPLATE = look(
    "new",
    "New arrival",
    "The picture with wide margins like a print on a wall: what is new above it, its name below.",
    2,
    page(
        variant(
            "tall",
            body=column(
                column(
                    _NEW,
                    title(68, lines=3),
                    price(38, weight=500),
                    logo(colour="muted", drop=2),
                    gap=28,
                    padding=58,
                    align="center",
                ),
                photo(0.36),
                gap=0,
                fill="panel",
            ),
        ),
        variant(
            "square",
            "wide",
            picture="upright",
            body=_BESIDE,
        ),
        variant("wide", body=_BESIDE),
        variant(
            body=column(
                _NEW,
                photo(0.5, rounded=True),
                column(title(58, lines=2), price(34, weight=500), gap=16, align="center"),
                logo(colour="muted", drop=2),
                gap=34,
                padding=74,
                align="center",
                fill="panel",
            ),
        ),
    ),
)
