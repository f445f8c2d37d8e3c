"""Two to six products as a grid, each with its name and price."""

from media.looks.blocks import Json, column, label, layer, logo, look, page, photo, row, title, variant

_HEAD: Json = row(title(46, lines=2), logo(colour="muted"), gap=30, align="end", justify="between", wraps=True)

TEMPLATE = look(
    "grid",
    "Grid",
    "Two to six products side by side, each with its name and price; one alone is shown large.",
    2,
    page(
        variant(
            "wide",
            body=column(
                row(title(38, lines=1), logo(colour="muted"), gap=30, align="end", justify="between"),
                layer("tiles", size=25, gap=20, least=0.4),
                gap=24,
                padding=48,
                fill="panel",
            ),
        ),
        variant(
            "tall",
            body=column(
                column(
                    label("{badge}"),
                    _HEAD,
                    layer("tiles", size=25, gap=24, least=0.28),
                    gap=30,
                    padding=52,
                    fill="panel",
                    grow=True,
                ),
                column(photo(0.2), share=0.28),
                gap=0,
            ),
        ),
        variant(
            body=column(
                label("{badge}"),
                _HEAD,
                layer("tiles", size=24, gap=26, least=0.3),
                gap=30,
                padding=52,
                fill="panel",
            ),
        ),
    ),
)
