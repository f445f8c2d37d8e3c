"""`vitrine gallery`: every look in some formats or all, drawn without a server: to look at while a look is made."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from api.demo.exhibition import PAGES, Shown, prepare
from media import render
from media.frame import Point
from media.looks import layout
from media.looks.scene import Brand, Fact, Framing, Item, Scene, Spot
from media.render import Drawing
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


_BESIDE = (TOTE, BOWLS, CANDLE)
_ITEMS = (
    Item("Vase Galet", "89,00 €", picture=0),
    Item("Cabas Cognac", "185,00 €", "240,00 €", picture=1),
    Item("Trois bols en grès", "64,00 €", picture=2),
    Item("Bougie Figuier", "32,00 €", picture=3),
)
_FACTS = (
    Fact("Matière", "Grès chamotté, émail mat"), Fact("Dimensions", "Ø 16 × H 28 cm"), Fact("Poids", "1,4 kg"),
    Fact("Fabrication", "Tourné à la main à Vallauris"), Fact("Entretien", "Lave-vaisselle à 45 °C"),
)  # fmt: skip


def drawing(template: str, scene: Scene, framing: Framing, slugs: Sequence[str]) -> Drawing:
    """A scene with all that any look shows beside title and price."""
    whole = msgspec.structs.replace(
        scene, language="fr", subtitle="Tourné à la main, émaillé deux fois, unique.", badge="−25 %", stars=4.5,
        quote="Plus beau encore en vrai. Il a trouvé sa place près de la fenêtre et n’en bouge plus.",
        author="Camille R., Lyon", action="Découvrir", deadline="Jusqu’au 30 novembre", items=_ITEMS, facts=_FACTS,
        qr="https://vitrine.example/v/1", spots=(Spot(0.5, 0.55, 0), Spot(0.36, 0.72, 2)),
    )  # fmt: skip
    return Drawing(template, list(slugs), whole, framing, others=[Framing() for _ in _BESIDE])


def write(out: Path, slugs: Sequence[str]) -> Path:
    """Fill the folder `out` with these formats and return its page. Raises NotOurs where it holds something else."""
    prepare(out)
    everything: dict[str, list[Shown]] = {template.slug: [] for template in layout.templates()}
    others = [life.jpeg() for life in _BESIDE]
    for number, (life, scene) in enumerate(SCENES):
        master = life.jpeg()
        framing = Framing(focal=Point(*next(iter(life.points.values()))))
        for turn, (template, shown) in enumerate(everything.items()):
            # The first scene wears every look; the others take turns, for there are many looks.
            if number and turn % (len(SCENES) - 1) != number - 1:
                continue
            for drawn in render.draw(master, drawing(template, scene, framing, slugs), others):
                page = f"-{drawn.page}" if drawn.page > 1 else ""
                name = f"visuals/{template}-{life.slug}-{drawn.format}{page}.jpg"
                (out / name).write_bytes(drawn.data)
                remarks = [msgspec.json.encode(each).decode() for each in drawn.warnings]
                caption = f"{drawn.format}{page}, {scene.title[:24]}"
                shown.append(Shown(name, "", caption, drawn.width, drawn.height, remarks))
    index = out / "index.html"
    index.write_text(PAGES.get_template("gallery.html").render(everything=everything))
    return index
