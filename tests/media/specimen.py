"""A sheet of every script as templates set it: `python -m tests.media.specimen FILE` draws it anew, to be looked at."""

import sys

from PIL import Image, ImageDraw

from media.typesetting import text
from media.typesetting.text import Style

TITLE = Style("display", 600, 46, 22, 2, leading=1.14)
PRICE = Style("text", 650, 30, 18, 1)
LABEL = Style("text", 600, 18, 12, 1, tracking=0.14)
SCENES = {
    "fr": ("ATELIER LUMIÈRE", "Robe d’été « jardin » 🎉", "1\u202f299,00\u00a0€"),
    "vi": ("XƯỞNG ÁNH SÁNG", "Áo dài lụa tơ tằm", "1.299.000\u00a0₫"),
    "ru": ("МАСТЕРСКАЯ", "Шерстяное пальто", "12\u00a0990\u00a0₽"),
    "sr": ("РАДИОНИЦА", "Бела кошуља, дугачка", "12.990\u00a0RSD"),
    "el": ("ΕΡΓΑΣΤΗΡΙΟ", "Δερμάτινο σανδάλι Chania", "129,00\u00a0€"),
    "ar": ("متجر الضوء LUNE", "فستان صيفي مُطرَّز من Chanel", "\u200f١٢٩٫٩٠\u00a0ر.س.\u200f"),
    "fa": ("فروشگاه ماه", "پیراهن تابستانی ۲۰٪ تخفیف", "\u200e۱۲۹٬۰۰۰ ریال"),
    "he": ("חנות האור", "שמלת קיץ (מבצע) של Zara", "129.90\u00a0\u200f₪"),
    "hi": ("चाँदनी", "गर्मियों की सूती साड़ी", "₹1,29,900.00"),
    "bn": ("চাঁদের আলো", "গ্রীষ্মের সুতির শাড়ি", "১,২৯৯.০০৳"),
    "ta": ("நிலா", "கோடைகால பருத்தி புடவை", "₹1,299.00"),
    "th": ("ร้านแสงจันทร์", "ชุดเดรสผ้าลินินที่ดีที่สุด", "฿1,299.00"),
    "ja": ("光のアトリエ", "春の新作「夏」ワンピース", "￥12,900"),
    "ko": ("빛의 공방", "여름 신상품 린넨 원피스", "₩129,000"),
    "zh-Hans": ("光之工坊", "春夏新款连衣裙，直骨角", "¥129.00"),
    "zh-Hant": ("光之工坊", "春夏新款連衣裙，直骨角", "NT$1,290"),
    "ka": ("სახელოსნო", "ზაფხულის კაბა", "129,00\u00a0₾"),
    "en": ("MOONLIGHT", "👗 Sale 👩🏽‍💻 ❤️‍🔥 🇫🇷 1️⃣", "$129.00"),
}
_ACROSS, _DOWN, _COLUMNS, _MARGIN = 400, 220, 3, 24


def sheet() -> Image.Image:
    """Label, title and price of each language on a card, from the side where its reader begins."""
    rows = -(-len(SCENES) // _COLUMNS)
    image = Image.new("RGB", (_ACROSS * _COLUMNS, _DOWN * rows), "#e9e6e1")
    pen = ImageDraw.Draw(image)
    for number, (language, scene) in enumerate(SCENES.items()):
        left, top = number % _COLUMNS * _ACROSS, number // _COLUMNS * _DOWN
        pen.rectangle((left + 4, top + 4, left + _ACROSS - 5, top + _DOWN - 5), "#ffffff")
        room, bottom = _ACROSS - 2 * _MARGIN, top + _DOWN - _MARGIN
        label, title, price = (
            text.fit(words, style, room, height, language=language)
            for words, style, height in zip(scene, (LABEL, TITLE, PRICE), (30, 96, 44), strict=True)
        )
        label.draw(pen, label.left_in(left + _MARGIN, room), top + _MARGIN - 8, (180, 85, 45))
        title.draw(pen, title.left_in(left + _MARGIN, room), top + _MARGIN + 26, (29, 27, 25))
        price.draw(pen, price.left_in(left + _MARGIN, room), bottom - price.height, (29, 27, 25))
    return image


if __name__ == "__main__":
    sheet().save(sys.argv[1], optimize=True)
