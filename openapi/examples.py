"""What a boutique would send, by operation; and which operation goes on with what another one made."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

_PRODUCT = "prod_01k2h5zq8vf0r9x3t6w4y7m1na"
_VARIANT = "var_01k2h5zq8wf1s8y2v5x3z6n0pb"
_ASSET = "asset_01k2h60c4ge2t7z1w4y2a5p9qc"
_POST = "post_01k2h62d5hf3v6a0x3z1b4q8rd"
_DESIGN = {
    "pages": [
        {
            "variants": [
                {
                    "body": {
                        "layer": "group",
                        "gap": 0,
                        "children": [
                            {"layer": "photo", "least": 0.6},
                            {
                                "layer": "group",
                                "fill": "tint",
                                "padding": 50,
                                "children": [{"layer": "text", "text": "{title}", "size": 60}],
                            },
                        ],
                    }
                }
            ]
        }
    ]
}

BODIES: Mapping[str, Mapping[str, object]] = {
    "createProduct": {
        "title": "Robe en lin Capucine",
        "description": "Lin français, coupe droite, deux poches.",
        "vendor": "Atelier Lune",
        "product_type": "Robes",
        "tags": ["lin", "été"],
        "options": ["Taille"],
        "variants": [
            {
                "options": {"Taille": size},
                "sku": f"CAPUCINE-{size}",
                "available": count,
                "prices": [{"amount": 8900, "currency": "EUR", "compare_at": 11900}],
            }
            for size, count in (("S", 4), ("M", 6))
        ],
    },
    "changeProduct": {"description": "Lin français, coupe droite, deux poches. Lavable à 30 °C.", "tags": ["lin"]},
    "createVariant": {
        "options": {"Taille": "L"},
        "sku": "CAPUCINE-L",
        "available": 3,
        "prices": [{"amount": 8900, "currency": "EUR"}],
    },
    "changeVariant": {"sku": "CAPUCINE-L-2", "weight_grams": 320},
    "replacePrices": {"prices": [{"amount": 7900, "currency": "EUR", "compare_at": 8900}]},
    "setStock": {"available": 12},
    "createStockMovement": {"delta": -2, "reference": "Sold on the market of Saturday"},
    "createCollection": {"title": "Tout en lin", "kind": "rules", "rules": [{"rule": "tag", "value": "lin"}]},
    "changeCollection": {"title": "Lin et coton", "matching": "any"},
    "importAsset": {"url": "https://cdn.example/robe-lin.jpg", "alt_text": "Une robe en lin écru."},
    "changeAsset": {"alt_text": "Une robe en lin écru sur un cintre en bois.", "focal_point": {"x": 0.5, "y": 0.4}},
    "replaceAssetTags": {"tags": [{"product_id": _PRODUCT, "x": 0.48, "y": 0.55}]},
    "createUpload": {"media_type": "image/jpeg", "bytes": 2481337, "alt_text": "Une robe en lin écru."},
    "createFormat": {
        "slug": "newsletter",
        "name": "Head of the newsletter",
        "width": 1200,
        "height": 480,
        "safe": {"left": 60, "top": 40, "right": 1140, "bottom": 440},
        "max_bytes": 200_000,
    },
    "changeFormat": {"height": 500},
    "previewTemplate": {
        "asset_id": _ASSET,
        "formats": ["square"],
        "title": "Robe en lin Capucine",
        "design": _DESIGN,
    },
    "createTemplate": {
        "slug": "nos-etiquettes",
        "name": "Nos étiquettes",
        "description": "The picture above a plate with its name.",
        "design": _DESIGN,
    },
    "changeTemplate": {"name": "Étiquettes d'été"},
    "renderVisuals": {
        "asset_id": _ASSET,
        "template": "sale",
        "formats": ["portrait", "story"],
        "title": "Robe en lin Capucine",
        "price": "89,00 €",
        "compare_at": "119,00 €",
        "badge": "−25 %",
    },
    "createVisualBatch": {"product_ids": [_PRODUCT], "template": "price", "formats": ["portrait", "pin"]},
    "createPost": {
        "network": "instagram",
        "placement": "feed",
        "asset_id": _ASSET,
        "tags": [{"product_id": _PRODUCT, "x": 0.48, "y": 0.55}],
        "hashtags": ["lin", "slowfashion"],
        "campaign": "été-2026",
    },
    "changePost": {"caption": "La robe Capucine est de retour."},
    "createLink": {"product_id": _PRODUCT, "variant_id": _VARIANT, "network": "pinterest", "campaign": "été-2026"},
    "changeLink": {
        "ends_at": "2026-12-24T23:00:00Z",
        "ended": "similar",
        "rules": [{"devices": ["phone"], "to": {"target": "pay", "variant_id": _VARIANT}}],
        "variants": [{"weight": 9, "to": {}}, {"weight": 1, "to": {"target": "pay", "variant_id": _VARIANT}}],
    },
    "createLinkHost": {"host": "boutique.example"},
    "createCreator": {"name": "Camille Roy", "handle": "camille.roy", "code": "CAMILLE10"},
    "changeCreator": {"handle": "camille_roy"},
    "createCheckout": {
        "items": [{"variant_id": _VARIANT, "quantity": 1}],
        "origin": {"utm_source": "instagram", "utm_medium": "social", "utm_campaign": "ete-2026"},
    },
    "createRefund": {"amount": 1500, "reason": "requested_by_customer"},
    "resolveOrderReview": {"note": "Both payments were from her. The second went back."},
    "createShippingRate": {
        "name": "Colissimo",
        "countries": ["FR", "MC"],
        "kind": "by_weight",
        "brackets": [{"up_to": 250, "amount": 499}, {"up_to": 1000, "amount": 799}, {"up_to": None, "amount": 1299}],
        "free_above": 8000,
        "delivery_days": {"min": 2, "max": 3},
    },
    "changeShippingRate": {"free_above": 6000},
    "createFulfilment": {"carrier": "La Poste", "tracking_number": "6A12345678901"},
    "changeFulfilment": {"status": "shipped", "tracking_url": "https://www.laposte.fr/outils/suivre-vos-envois"},
    "createFulfilmentHold": {"reason": "incorrect-address", "note": "Number of the house is missing; wrote to her."},
    "createDiscount": {
        "title": "Lancement de la collection d'été",
        "code": "LUNE10",
        "terms": {"kind": "percentage", "rate": 1000},
        "minimum_amount": 5000,
        "limit_total": 200,
        "limit_per_customer": 1,
        "ends_at": "2026-12-01T00:00:00Z",
    },
    "changeDiscount": {"limit_total": 500},
    "createKey": {"label": "Till", "scopes": ["catalog:read", "orders:read"]},
    "createWebhookEndpoint": {"url": "https://shop.example/hooks", "event_types": ["order.paid", "stock.low"]},
    "changeWebhookEndpoint": {"enabled": True},
    "rotateWebhookSecret": {"overlap_hours": 24},
    "changeShop": {
        "name": "Atelier Lune",
        "locale": "fr_FR",
        "accent_colour": "#b4552d",
        "legal": {
            "name": "Atelier Lune SARL",
            "email": "bonjour@atelier-lune.example",
            "terms_url": "https://atelier-lune.example/cgv",
            "return_days": 14,
            "return_cost": "buyer",
        },
    },
}
PARAMETERS: Mapping[str, object] = {
    "product_id": _PRODUCT,
    "variant_id": _VARIANT,
    "asset_id": _ASSET,
    "post_id": _POST,
    "network_slug": "instagram",
    "network": "instagram",
    "q": "robe lin",
    "tag": "lin",
    "created_from": "2026-11-01T00:00:00Z",
    "first_day": "2026-11-01",
    "If-Match": '"1"',
    "Idempotency-Key": "order-form-7f3a91",
}


class Next(NamedTuple):
    """Operations that take `parameter` from this member of the answer."""

    parameter: str
    operations: Sequence[str]
    member: str = "id"


NEXT: Mapping[str, Sequence[Next]] = {
    "createProduct": [
        Next("product_id", ["getProduct", "changeProduct", "createVariant", "listVariants", "archiveProduct"])
    ],
    "createVariant": [
        Next(
            "variant_id",
            ["getVariant", "changeVariant", "replacePrices", "setStock", "createStockMovement", "archiveVariant"],
        )
    ],
    "createCollection": [Next("collection_id", ["getCollection", "changeCollection"])],
    "uploadAsset": [Next("asset_id", ["getAsset", "changeAsset", "getAssetTags", "replaceAssetTags", "archiveAsset"])],
    "createFormat": [Next("format_id", ["getFormat", "changeFormat", "archiveFormat"])],
    "uploadFont": [Next("font_id", ["getFont", "archiveFont"])],
    "createTemplate": [Next("template_id", ["getTemplate", "changeTemplate", "archiveTemplate"])],
    "createUpload": [Next("upload_id", ["completeUpload"])],
    "createVisualBatch": [Next("visual_batch_id", ["getVisualBatch", "listVisualBatchItems", "cancelVisualBatch"])],
    "createImport": [Next("import_id", ["getImport", "listImportRows"])],
    "createPost": [
        Next("post_id", ["getPost", "changePost", "getPostKit", "downloadPostKit", "checkPost", "archivePost"])
    ],
    "createLink": [Next("link_id", ["getLink", "changeLink"])],
    "createLinkHost": [Next("host_id", ["getLinkHost", "verifyLinkHost", "removeLinkHost"])],
    "createCreator": [Next("creator_id", ["getCreator", "changeCreator", "archiveCreator"])],
    "createShippingRate": [Next("rate_id", ["getShippingRate", "changeShippingRate", "archiveShippingRate"])],
    "createDiscount": [Next("discount_id", ["getDiscount", "changeDiscount", "archiveDiscount"])],
    "createKey": [Next("key_id", ["getKey", "revokeKey"])],
    "createWebhookEndpoint": [
        Next(
            "endpoint_id",
            [
                "getWebhookEndpoint",
                "changeWebhookEndpoint",
                "rotateWebhookSecret",
                "testWebhookEndpoint",
                "listWebhookDeliveries",
                "archiveWebhookEndpoint",
            ],
        )
    ],
    "testWebhookEndpoint": [Next("delivery_id", ["getWebhookDelivery", "resendWebhookDelivery"])],
    "createCheckout": [
        Next("checkout_id", ["getCheckout", "expireCheckout"]),
        Next("order_id", ["getOrder", "getOrderAttribution"], member="order_id"),
    ],
}
