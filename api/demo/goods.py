"""What the demo's shop sells: a few things for the table, and the pictures of them."""

import asyncio
from collections.abc import Mapping

from api.demo.merchant import Body, Merchant
from api.demo.stock import Picture, Point, Stock
from catalog.schemas import ProductOut
from media.studio.still_lifes import BOWLS, CANDLE, TABLE, TOTE, VASE, StillLife

# What each picture shows, in the shop's language.
ALT_TEXTS = {
    "table": "Un vase moucheté garni d’eucalyptus, une bougie allumée et un bol bleu, à la lumière du matin.",
    "vase": "Un vase en grès moucheté garni d’eucalyptus.",
    "bowls": "Trois bols émaillés : crème, ocre et bleu lagon.",
    "candle": "Une bougie allumée dans un gobelet couleur sable.",
    "tote": "Un cabas en cuir cognac posé sur une table.",
}
# Nobody's: hosts and numbers that are kept for examples (RFC 2606; Arcep's decision 2009-0637).
LEGAL: Body = {
    "name": "Maison Vitrine, boutique d’exemple",
    "address": {"lines": ["1 rue de l’Exemple"], "postcode": "69001", "city": "Lyon", "country": "FR"},
    "email": "bonjour@maison-vitrine.example",
    "phone": "+33 1 99 00 12 34",
    "registration": "RCS Lyon 000 000 000",
    "terms_url": "https://maison-vitrine.example/cgv",
    "privacy_url": "https://maison-vitrine.example/confidentialite",
    "returns_url": "https://maison-vitrine.example/retours",
    "withdrawal_url": "https://maison-vitrine.example/renoncer",
    "return_days": 14,
    "return_cost": "buyer",
}
_OWN = {"vase": VASE, "bowl": BOWLS, "candle": CANDLE, "tote": TOTE}


def _variant(price: int, available: int, sku: str, **options: str) -> dict[str, object]:
    prices = [{"amount": price, "currency": "EUR"}]
    return {"sku": sku, "available": available, "prices": prices, "options": options}


GOODS: Mapping[str, Body] = {
    "vase": {
        "title": "Vase Galet",
        "description": "Grès chamotté, tourné à la main, émail sel moucheté. 34 cm de haut, étanche.",
        "product_type": "Vase",
        "tags": ["céramique", "grès", "fait main"],
        "variants": [_variant(8900, 12, "GALET")],
    },
    "bowl": {
        "title": "Bol Lagon",
        "description": "Grès émaillé, 16 cm. Passe au lave-vaisselle et au four.",
        "product_type": "Bol",
        "tags": ["céramique", "grès", "table"],
        "options": ["Couleur"],
        "variants": [
            _variant(2400, 30, "BOL-LAGON", Couleur="Lagon"),
            _variant(2400, 18, "BOL-OCRE", Couleur="Ocre"),
            _variant(2400, 0, "BOL-CREME", Couleur="Crème"),
        ],
    },
    "candle": {
        "title": "Bougie Figuier",
        "description": "Cire de colza, feuilles de figuier et cèdre. Environ 50 heures.",
        "product_type": "Bougie",
        "tags": ["bougie", "figuier"],
        "options": ["Taille"],
        "variants": [
            _variant(3200, 24, "FIGUIER-220", Taille="220 g"),
            _variant(5400, 8, "FIGUIER-500", Taille="500 g"),
        ],
    },
    "tote": {
        "title": "Cabas Cognac",
        "description": "Cuir de vachette tanné végétal, cousu au point sellier. Anses rondes, rivets en laiton.",
        "product_type": "Sac",
        "tags": ["cuir", "maroquinerie"],
        "variants": [_variant(18500, 5, "CABAS-COGNAC")],
    },
}


async def load(merchant: Merchant) -> Stock:
    """Say who sells, draw the pictures, hand them in, and add the products with them."""
    await merchant.introduce(LEGAL)
    lives = (TABLE, *_OWN.values())
    drawn = await asyncio.gather(*(asyncio.to_thread(life.jpeg) for life in lives))
    assets = {
        life.slug: await merchant.upload(f"{life.slug}.jpg", content, ALT_TEXTS[life.slug])
        for life, content in zip(lives, drawn, strict=True)
    }
    products: dict[str, ProductOut] = {}
    for name, body in GOODS.items():
        shown = [_OWN[name]] + ([TABLE] if name in TABLE.points else [])
        pictures = [{"asset_id": assets[life.slug].id, "alt_text": ALT_TEXTS[life.slug]} for life in shown]
        products[name] = await merchant.add_product({**body, "pictures": pictures, "vendor": "Maison Vitrine"})
    found = [Picture(life.slug, assets[life.slug], _points(life, products)) for life in lives]
    return Stock(pictures=found, showcase={"instagram": found[0], "pinterest": found[-1]})


def _points(life: StillLife, products: Mapping[str, ProductOut]) -> list[Point]:
    return [Point(products[name], x, y) for name, (x, y) in life.points.items()]
