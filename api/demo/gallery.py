"""`vitrine gallery`: every look in some formats or all, drawn without a server: to look at while a look is made."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from api.demo.exhibition import PAGES, Shown, prepare
from media import layout, render
from media.frame import Point
from media.render import Drawing
from media.scene import Brand, Framing, Scene
from media.studio.still_lifes import BOWLS, CANDLE, TOTE, VASE, StillLife

_NIGHT = Brand(background="#1f2a33", ink="#f4efe6", accent="#e2a76f")
_ROSE = Brand(background="#f3e3de", ink="#4a2530", accent="#a8324a")
# Short and long, reduced and not, light and dark: what a look has to stand.
SCENES: Sequence[tuple[StillLife, Scene]] = (
    (VASE, Scene(title="Vase Galet", price="89,00 €", shop_name="Maison Vitrine")),
    (TOTE, Scene(title="Cabas Cognac", price="185,00 €", compare_at="240,00 €", shop_name="Maison Vitrine")),
    (
        BOWLS,
        Scene(
            title="Assortiment de trois bols en grès émaillé, tournés et cuits au bois à la main",
            price="1 234,50 CHF", compare_at="1 999,00 CHF", shop_name="Atelier de l’Étoile & Fils", brand=_NIGHT,
        ),
    ),
    (CANDLE, Scene(title="Figuier", shop_name="Maison Vitrine", brand=_ROSE)),
)  # fmt: skip


def write(out: Path, slugs: Sequence[str]) -> Path:
    """Fill the folder `out` with these formats and return its page. Raises NotOurs where it holds something else."""
    prepare(out)
    everything: dict[str, list[Shown]] = {template.slug: [] for template in layout.templates()}
    for life, scene in SCENES:
        master = life.jpeg()
        framing = Framing(focal=Point(*next(iter(life.points.values()))))
        for template, shown in everything.items():
            for drawn in render.draw(master, Drawing(template, list(slugs), scene, framing)):
                name = f"visuals/{template}-{life.slug}-{drawn.format}.jpg"
                (out / name).write_bytes(drawn.data)
                remarks = [msgspec.json.encode(each).decode() for each in drawn.warnings]
                caption = f"{drawn.format}, {scene.title[:24]}"
                shown.append(Shown(name, "", caption, drawn.width, drawn.height, remarks))
    page = out / "index.html"
    page.write_text(PAGES.get_template("gallery.html").render(everything=everything))
    return page
