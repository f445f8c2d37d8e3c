"""What the looks of `vitrine gallery` show: the studio's pictures, a small French shop's words, and seven scripts."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from media.looks.scene import Brand, Fact, Item, Scene, Spot
from media.studio.still_lifes import BOWLS, CANDLE, TABLE, TOTE, VASE, StillLife

_CLAY = Brand()
_NIGHT = Brand(background="#1f2a33", ink="#f4efe6", accent="#e2a76f", corners="round")
_ROSE = Brand(background="#f6e9e4", ink="#4a2530", accent="#a8324a", corners="round", fonts="modern")
_SAGE = Brand(background="#f5f3ec", ink="#25302a", accent="#3f6b57", corners="square")
_LAGOON = Brand(background="#fbf8f2", ink="#1c2b33", accent="#2f5d6b")

_ITEMS = (
    Item("Vase Galet", "89,00 €", picture=1),
    Item("Cabas Cognac", "185,00 €", "240,00 €", picture=2),
    Item("Trois bols en grès", "64,00 €", picture=3),
    Item("Bougie Figuier", "32,00 €", picture=4),
)
_FACTS = (
    Fact("Matière", "Grès chamotté, émail mat"), Fact("Dimensions", "Ø 16 × H 28 cm"), Fact("Poids", "1,4 kg"),
    Fact("Fabrication", "Tourné à la main à Vallauris"), Fact("Entretien", "Lave-vaisselle à 45 °C"),
)  # fmt: skip
_SHOP = Scene(shop_name="Maison Vitrine", language="fr", qr="https://vitrine.example/v/1")
_VASE = msgspec.structs.replace(
    _SHOP, title="Vase Galet", subtitle="Tourné à la main, émaillé deux fois, unique.", price="89,00 €", brand=_CLAY
)
OTHERS = (VASE, TOTE, BOWLS, CANDLE)
"""The pictures of the items, which count from 1."""


class Exhibit(NamedTuple):
    """What one look is shown with, and what it is for."""

    life: StillLife
    scene: Scene
    purpose: str


def _spots() -> tuple[Spot, ...]:
    return tuple(Spot(*TABLE.points[name], item=number) for number, name in enumerate(("vase", "bowl", "candle")))


def _with(scene: Scene, **fields: object) -> Scene:
    return msgspec.structs.replace(scene, **fields)


EXHIBITS: Mapping[str, Exhibit] = {
    "plain": Exhibit(TABLE, _SHOP, "For a picture that says enough by itself: nothing is written on it."),
    "price": Exhibit(VASE, _VASE, "For every day: what it is and what it costs, in the shop's colours."),
    "sale": Exhibit(
        TOTE,
        _with(_SHOP, title="Cabas Cognac", price="185,00 €", compare_at="240,00 €", badge="−25 %", brand=_ROSE),
        "For a reduction from a price that was really asked: the new one large, the former one struck out.",
    ),
    "new": Exhibit(
        CANDLE,
        _with(_SHOP, title="Bougie Figuier", price="32,00 €", brand=_SAGE),
        "For an arrival: hung like a print, with wide margins and little said.",
    ),
    "quote": Exhibit(
        VASE,
        _with(
            _VASE, stars=5.0, author="Camille R., Lyon", brand=_NIGHT,
            quote="Plus beau encore en vrai. Il a trouvé sa place près de la fenêtre et n’en bouge plus.",
        ),
        "For what a customer wrote: their words are the picture's equal.",
    ),
    "grid": Exhibit(
        TABLE,
        _with(_SHOP, title="La table d’automne", items=_ITEMS, brand=_LAGOON),
        "For a collection: two to six products, each with its name and price.",
    ),
    "look": Exhibit(
        TABLE,
        _with(
            _SHOP, title="Tout de cette table", brand=_CLAY, spots=_spots(),
            items=(_ITEMS[0], Item("Bol Lagon", "24,00 €", picture=3), _ITEMS[3]),
        ),
        "For one picture of several products: numbers on the picture, names and prices beside it.",
    ),
    "carousel": Exhibit(
        TABLE,
        _with(
            _SHOP, title="La table d’automne", subtitle="Quatre pièces du même atelier, tournées et cousues à la main.",
            items=_ITEMS, facts=_FACTS[:4], action="Découvrir", deadline="Jusqu’au 30 novembre", brand=_SAGE,
        ),
        "For a set to swipe through: cover, a page for each product, the facts, and what to do next.",
    ),
    "story": Exhibit(
        TOTE,
        _with(_SHOP, title="Cabas Cognac", price="185,00 €", action="Découvrir", brand=_CLAY),
        "For a story with a link: below the words there is room for the network's own sticker.",
    ),
    "pin": Exhibit(
        BOWLS,
        _with(
            _SHOP, title="Trois bols pour tous les jours", subtitle="Grès émaillé, cuit à 1 250 °C.",
            price="64,00 €", brand=_LAGOON,
        ),
        "For Pinterest: a title that can be read in a column of pins.",
    ),
    "sheet": Exhibit(
        VASE,
        _with(_VASE, facts=_FACTS, brand=_SAGE),
        "For who wants to know exactly: up to eight facts, the price, and a code that leads to the shop.",
    ),
    "promotion": Exhibit(
        BOWLS,
        _with(
            _SHOP, title="Deux bols, le troisième offert", subtitle="Sur toute la vaisselle en grès.",
            badge="Du 20 au 30", action="En profiter", deadline="Jusqu’au 30 novembre", brand=_LAGOON,
        ),
        "For an offer or a contest: the headline first, what to do, and until when.",
    ),
}  # fmt: skip


def _script(language: str, brand: Brand, *words: str) -> Scene:
    title, subtitle, price, former, shop, badge, quote, author, action, deadline, label, value = words
    return Scene(
        title=title, subtitle=subtitle, price=price, compare_at=former, shop_name=shop, badge=badge, quote=quote,
        author=author, action=action, deadline=deadline, stars=5.0, language=language, brand=brand,
        qr="https://vitrine.example/v/1", facts=(Fact(label, value), Fact(shop, title), Fact(value, label)),
    )  # fmt: skip


SCRIPTS: Mapping[str, Scene] = {
    "Latin": _script(
        "fr", _CLAY, "Vase Galet", "Tourné à la main, émaillé deux fois", "89,00 €", "119,00 €", "Maison Vitrine",
        "−25 %", "Plus beau encore en vrai, près de la fenêtre.", "Camille R.", "Découvrir", "Jusqu’au 30 novembre",
        "Matière", "Grès émaillé",
    ),
    "Greek": _script(
        "el", _NIGHT, "Χειροποίητο βάζο", "Κεραμικό με δύο στρώσεις σμάλτο", "89,00 €", "119,00 €", "Αθήνα", "−25 %",
        "Ακόμα πιο όμορφο από κοντά.", "Ελένη Π.", "Δείτε το", "Έως 30 Νοεμβρίου", "Υλικό", "Κεραμικό",
    ),
    "Cyrillic": _script(
        "ru", _ROSE, "Ваза «Галька»", "Ручная работа, двойная глазурь", "8 900 ₽", "11 900 ₽", "Мастерская", "−25 %",
        "Вживую ещё красивее, чем на снимке.", "Анна К.", "Смотреть", "До 30 ноября", "Материал", "Керамика",
    ),
    "Arabic": _script(
        "ar", _SAGE, "مزهرية الحصى", "صناعة يدوية بطلاء مزدوج", "٨٩٫٠٠ د.إ.", "١١٩٫٠٠ د.إ.", "بيت الخزف", "خصم ٢٥٪",
        "أجمل في الواقع من الصورة.", "ليلى م.", "اكتشفوها", "حتى ٣٠ نوفمبر", "الخامة", "خزف",
    ),
    "Hebrew": _script(
        "he", _CLAY, "אגרטל חלוק", "עבודת יד בזיגוג כפול", "89.00 ₪", "119.00 ₪", "סטודיו לקרמיקה", "25%-",
        "יפה אפילו יותר במציאות.", "נועה ל.", "לרכישה", "עד 30 בנובמבר", "חומר", "חרס",
    ),
    "Thai": _script(
        "th", _LAGOON, "แจกันหินกรวด", "ปั้นด้วยมือ เคลือบสองชั้น", "3,290 บาท", "4,390 บาท", "บ้านเซรามิก", "ลด 25%",
        "ของจริงสวยกว่าในรูปเสียอีก", "มาลี ส.", "ดูสินค้า", "ถึง 30 พฤศจิกายน", "วัสดุ", "เซรามิก",
    ),
    "Devanagari": _script(
        "hi", _NIGHT, "मिट्टी का फूलदान", "हाथ से बना, दोहरी चमक", "₹7,990", "₹10,650", "कुम्हार घर", "25% छूट",
        "तस्वीर से भी ज़्यादा सुंदर।", "मीरा क.", "देखें", "30 नवंबर तक", "सामग्री", "चीनी मिट्टी",
    ),
}  # fmt: skip
