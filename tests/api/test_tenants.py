"""Another shop's things answer exactly like things that do not exist, on every route."""

from collections.abc import AsyncIterator, Mapping
from string import ascii_letters

import httpx2
import msgspec
import pytest
from sqlmodel import col

from api.app import Application
from catalog.models import Product
from checkout.models import Order
from core import keys, shops
from core.db import Database, cursor_after
from openapi.examples import BODIES
from tests.api.surface import Operation, expect_problem, operations, unknown
from tests.api.test_orders import doubt
from tests.conftest import calling
from tests.house.source import ROOT
from tests.local_stripe import LocalStripe
from tests.media.lettering import lettering
from tests.media.pictures import photo, saved

FILE = b"Handle,Title,Variant Price\nvase,Vase,12.00\nbad,,x\n"


@pytest.fixture
async def stranger(app: Application, db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a secret key of another shop."""
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
        _, token = await keys.create(session, other)
    async with calling(app, token) as client:
        yield client


async def made(client: httpx2.AsyncClient, path: str, body: object, key: str = "") -> str:
    """The id of what a POST made."""
    answer = await client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def ours(sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database) -> Mapping[str, str]:
    """One of everything, by the name of its parameter."""
    variant = {"available": 5, "prices": [{"amount": 1900, "currency": "EUR"}]}
    product = await made(client, "/v1/products", {"title": "Vase", "variants": [variant]})
    variant_id = (await client.get(f"/v1/products/{product}/variants")).json()["items"][0]["id"]
    picture = {"file": ("vase.jpg", saved(photo(1200, 1500)), "image/jpeg")}
    asset = (await client.post("/v1/assets", files=picture)).json()["id"]
    post = await made(
        client, "/v1/posts", {"network": "pinterest", "asset_id": asset, "products": [{"product_id": product}]}
    )
    checkout = await client.post(
        "/v1/checkouts", json={"items": [{"variant_id": variant_id}]}, headers={"Idempotency-Key": "a"}
    )
    order = checkout.json()["order_id"]
    await sandbox.pay(next(each for each in checkout.json()["url"].split("/") if each.startswith("cs_")))
    await sandbox.carry()
    rate = {"name": "Colissimo", "countries": ["FR"], "brackets": [{"amount": 690}]}
    hook = {"url": "https://hooks.example/in", "event_types": ["*"]}
    endpoint = await made(client, "/v1/webhook-endpoints", hook)
    return {
        "product_id": product,
        "variant_id": variant_id,
        "asset_id": asset,
        "post_id": post,
        "font_id": (await client.post("/v1/fonts", files={"file": ("a.ttf", lettering(ascii_letters))})).json()["id"],
        "format_id": await made(
            client, "/v1/formats", {"slug": "banner", "name": "Banner", "width": 900, "height": 300}
        ),
        "template_id": await made(client, "/v1/templates", BODIES["createTemplate"]),
        "visual_id": (await client.get("/v1/visuals")).json()["items"][0]["id"],
        "visual_batch_id": await made(client, "/v1/visual-batches", {"product_ids": [product], "formats": ["pin"]}),
        "link_id": await made(client, "/v1/links", {"product_id": product}),
        "host_id": await made(client, "/v1/link-hosts", {"host": "boutique.example"}),
        "creator_id": await made(client, "/v1/creators", {"name": "Camille"}),
        "checkout_id": checkout.json()["id"],
        "order_id": order,
        "fulfilment_id": await made(client, f"/v1/orders/{order}/fulfilments", {}),
        "fulfilment_hold_id": await made(client, f"/v1/orders/{order}/fulfilment-holds", {"reason": "other"}),
        "refund_id": await made(client, f"/v1/orders/{order}/refunds", {"amount": 100}, "refund"),
        "review_id": await doubt(db, order, "late-payment", "cs_1"),
        "rate_id": await made(client, "/v1/shipping-rates", rate),
        "import_id": (await client.post("/v1/imports", files={"file": ("a.csv", FILE)})).json()["id"],
        "collection_id": await made(client, "/v1/collections", {"title": "Été", "product_ids": [product]}),
        "discount_id": await made(client, "/v1/discounts", {"title": "Été", "terms": {"kind": "fixed", "amount": 500}}),
        "key_id": await made(client, "/v1/keys", {"label": "Till"}),
        "endpoint_id": endpoint,
        "delivery_id": await made(client, f"/v1/webhook-endpoints/{endpoint}/test", {}),
        "upload_id": await made(client, "/v1/uploads", {"media_type": "image/jpeg", "bytes": 1000}),
    }


def shape(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
    """All that a stranger can see, without the ids that were asked for and what no two answers share."""
    text = answer.text.replace(answer.headers["request-id"], "REQUEST")
    for each in ids.values():
        text = text.replace(each, "ID")
    changing = ("request-id", "content-length", "ratelimit")
    headers = {name: value for name, value in answer.headers.items() if name not in changing}
    return answer.status_code, text, headers


async def everything(client: httpx2.AsyncClient, app: Application, ids: Mapping[str, str]) -> list[str]:
    """What the owner sees."""
    reading = [each for each in operations(app, method="GET") if set(each.parameters) <= ids.keys()]
    return [(await each.call(client, ids)).text for each in reading if each.parameters]


async def test_every_route_treats_another_shops_ids_like_unknown_ones(
    app: Application, client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, ours: Mapping[str, str]
) -> None:
    nobodys = {name: unknown(each.partition("_")[0]) for name, each in ours.items()}
    before = await everything(client, app, ours)
    seen: list[Operation] = []
    for operation in operations(app):
        if not operation.parameters or operation.parameters == ["network_slug"]:  # Networks are everybody's.
            continue
        assert set(operation.parameters) <= ours.keys(), f"{operation} takes an id that this test knows nothing about"
        foreign, absent = await operation.call(stranger, ours), await operation.call(stranger, nobodys)
        assert foreign.status_code == 404, operation
        assert shape(foreign, ours) == shape(absent, nobodys), operation
        seen.append(operation)
    assert len({name for each in seen for name in each.parameters}) == len(ours), "every kind of id was tried"
    assert await everything(client, app, ours) == before


async def test_the_sweep_over_the_routes_is_a_sweep_over_the_document(app: Application) -> None:
    paths = msgspec.json.decode((ROOT / "openapi" / "openapi.json").read_bytes())["paths"]
    documented = {(method.upper(), path) for path in paths if path.startswith("/v1/") for method in paths[path]}
    assert {(each.method, each.template.replace(":str}", "}")) for each in operations(app)} == documented


async def test_another_shops_ids_inside_of_bodies_are_unknown_too(
    app: Application, stranger: httpx2.AsyncClient, ours: Mapping[str, str]
) -> None:
    nobodys = {name: unknown(each.partition("_")[0]) for name, each in ours.items()}
    picture = {"file": ("own.jpg", saved(photo(1300, 1300)), "image/jpeg")}
    own_asset = (await stranger.post("/v1/assets", files=picture)).json()["id"]
    own_product = await made(stranger, "/v1/products", {"title": "Own"})

    def bodies(ids: Mapping[str, str]) -> list[tuple[str, dict[str, object]]]:
        product, variant, asset = ids["product_id"], ids["variant_id"], ids["asset_id"]
        point = {"product_id": product, "x": 0.5, "y": 0.5}
        return [
            ("/v1/products", {"title": "a", "pictures": [{"asset_id": asset}]}),
            ("/v1/collections", {"title": "a", "product_ids": [product]}),
            ("/v1/visuals", {"asset_id": asset, "formats": ["square"]}),
            (
                "/v1/visuals",
                {"asset_id": own_asset, "formats": ["square"], "template": str(BODIES["createTemplate"]["slug"])},
            ),
            ("/v1/links", {"product_id": product}),
            ("/v1/links", {"product_id": own_product, "variant_id": variant}),
            ("/v1/links", {"product_id": own_product, "post_id": ids["post_id"]}),
            ("/v1/links", {"product_id": own_product, "creator_id": ids["creator_id"]}),
            ("/v1/links", {"product_id": own_product, "ended": "link", "fallback_link_id": ids["link_id"]}),
            ("/v1/links", {"product_id": own_product, "items": [{"variant_id": variant}]}),
            ("/v1/links", {"product_id": own_product, "variants": [{"weight": 1, "to": {"product_id": product}}]}),
            (
                "/v1/links",
                {"product_id": own_product, "rules": [{"devices": ["phone"], "to": {"variant_id": variant}}]},
            ),
            ("/v1/posts", {"network": "pinterest", "asset_id": asset, "products": [{"product_id": own_product}]}),
            ("/v1/posts", {"network": "pinterest", "asset_id": own_asset, "products": [{"product_id": product}]}),
            ("/v1/posts", {"network": "instagram", "asset_id": own_asset, "tags": [point]}),
            (
                "/v1/discounts",
                {"title": "a", "terms": {"kind": "fixed", "amount": 1}, "collection_ids": [ids["collection_id"]]},
            ),
            ("/v1/checkouts", {"items": [{"variant_id": variant}]}),
        ]

    for number, ((path, foreign), (_, absent)) in enumerate(zip(bodies(ours), bodies(nobodys), strict=True)):
        answers = [
            await stranger.post(path, json=body, headers={"Idempotency-Key": f"{number} {name}"})
            for name, body in (("foreign", foreign), ("absent", absent))
        ]
        assert 400 <= answers[0].status_code < 500, (path, foreign, answers[0].text)
        assert shape(answers[0], ours) == shape(answers[1], nobodys), (path, foreign)


async def test_a_kit_takes_nothing_of_another_shop(stranger: httpx2.AsyncClient, ours: Mapping[str, str]) -> None:
    for field, name, slug in (
        ("display_font_id", "font_id", "unknown-font"),
        ("text_font_id", "font_id", "unknown-font"),
        ("logo_asset_id", "asset_id", "unknown-asset"),
    ):
        for each in (ours[name], unknown(name.partition("_")[0])):
            answer = await stranger.patch("/v1/shop", json={field: each}, headers={"If-Match": "*"})
            expect_problem(answer, 422, slug)


async def test_lists_filters_and_cursors_show_nothing_of_another_shop(
    app: Application, stranger: httpx2.AsyncClient, ours: Mapping[str, str]
) -> None:
    for operation in operations(app, method="GET"):
        if operation.parameters or not operation.name.startswith("list"):
            continue
        text = (await operation.call(stranger)).text
        assert not [each for each in ours.values() if each in text], operation
    for query in (
        f"orders?post={ours['post_id']}", f"orders?link={ours['link_id']}", f"visuals?asset={ours['asset_id']}",
        f"links?product={ours['product_id']}", f"links?post={ours['post_id']}",
        f"links?creator={ours['creator_id']}", f"orders?creator={ours['creator_id']}",
        f"orders?cursor={cursor_after(col(Order.id), ours['order_id'])}",
        f"products?cursor={cursor_after(col(Product.id), ours['product_id'])}",
    ):  # fmt: skip
        answer = await stranger.get(f"/v1/{query}")
        assert (answer.status_code, answer.json()["items"]) == (200, []), query
    report = (await stranger.get("/v1/insights/networks")).json()
    assert report["items"] == []
