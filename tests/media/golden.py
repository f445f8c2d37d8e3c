"""The golden pictures: every look in three shapes and several scripts, small.

    python -m tests.media.golden --write      # after a look was changed on purpose, and the new pictures looked at

Another script is a line in SCRIPTS: the words of one scene, and its language.
"""

import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from media import render
from media.frame import Point
from media.looks import layout
from media.looks.scene import Brand, Fact, Framing, Item, Scene, Spot
from media.render import Drawing
from media.studio.still_lifes import BOWLS, TOTE, VASE
from tests.media.pictures import saved

FOLDER = Path(__file__).parents[1] / "golden" / "looks"
FORMATS = ("portrait", "story", "landscape")
LARGEST = 300  # Pixels of the longer side.
_NIGHT = Brand(background="#1f2a33", ink="#f4efe6", accent="#e2a76f", corners="round")


def _scene(language: str, brand: Brand, *words: str) -> Scene:
    title, subtitle, price, former, shop, badge, quote, author, action, deadline, label, value = words
    return Scene(
        title=title, subtitle=subtitle, price=price, compare_at=former, shop_name=shop, badge=badge, quote=quote,
        author=author, action=action, deadline=deadline, stars=4.5, language=language, brand=brand,
        qr="https://vitrine.example/v/1", facts=(Fact(label, value), Fact(label, price), Fact(value, title)),
        items=(Item(title, price, former, 0), Item(subtitle, price, "", 1), Item(label, price, "", 2)),
        spots=(Spot(0.5, 0.5, 0), Spot(0.44, 0.75, 1)),
    )  # fmt: skip


SCRIPTS: Mapping[str, Scene] = {
    "latin": _scene(
        "fr", Brand(), "Vase Galet", "Tourné à la main, émaillé deux fois", "89,00 €", "119,00 €", "Maison Vitrine",
        "−25 %", "Plus beau encore en vrai, près de la fenêtre.", "Camille R.", "Découvrir", "Jusqu’au 30 novembre",
        "Matière", "Grès émaillé",
    ),
    "greek": _scene(
        "el", _NIGHT, "Χειροποίητο βάζο", "Κεραμικό με δύο στρώσεις σμάλτο", "89,00 €", "119,00 €", "Αθήνα", "−25 %",
        "Ακόμα πιο όμορφο από κοντά.", "Ελένη Π.", "Δείτε το", "Έως 30 Νοεμβρίου", "Υλικό", "Κεραμικό",
    ),
    "cyrillic": _scene(
        "ru", Brand(background="#f3e3de", ink="#4a2530", accent="#a8324a", fonts="modern"), "Ваза «Галька»",
        "Ручная работа, двойная глазурь", "8 900 ₽", "11 900 ₽", "Мастерская", "−25 %",
        "Вживую ещё красивее, чем на снимке.", "Анна К.", "Смотреть", "До 30 ноября", "Материал", "Керамика",
    ),
    "hebrew": _scene(
        "he", Brand(), "אגרטל חלוק", "עבודת יד בזיגוג כפול", "89.00 ₪", "119.00 ₪", "סטודיו לקרמיקה", "25%-",
        "יפה אפילו יותר במציאות.", "נועה ל.", "לרכישה", "עד 30 בנובמבר", "חומר", "חרס",
    ),
    "arabic": _scene(
        "ar", _NIGHT, "مزهرية الحصى", "صناعة يدوية بطلاء مزدوج", "٨٩٫٠٠ د.إ.", "١١٩٫٠٠ د.إ.", "بيت الخزف", "خصم ٢٥٪",
        "أجمل في الواقع من الصورة.", "ليلى م.", "اكتشفوها", "حتى ٣٠ نوفمبر", "الخامة", "خزف",
    ),
}  # fmt: skip


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """The name of each golden picture, and how it is drawn today."""
    masters = [_master(life.draw()) for life in (VASE, TOTE, BOWLS)]
    framing = Framing(focal=Point(0.49, 0.62))
    for template in layout.templates():
        for script, scene in SCRIPTS.items():
            drawing = Drawing(template.slug, list(FORMATS), scene, framing, others=[Framing(), Framing()])
            for made in render.draw(masters[0], drawing, masters[1:]):
                if made.page <= 2:
                    with Image.open(BytesIO(made.data)) as image:
                        image.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
                        yield f"{template.slug}-{script}-{made.format}-{made.page}.webp", image.convert("RGB")


def _master(image: Image.Image) -> bytes:
    return saved(image.reduce(2))


def write() -> None:
    """Draw all of them anew, and take those away that nothing draws any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for name, image in pictures():
        image.save(FOLDER / name, quality=88, method=6)
        wanted.add(name)
    for each in FOLDER.iterdir():
        if each.name not in wanted:
            each.unlink()


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    write()
