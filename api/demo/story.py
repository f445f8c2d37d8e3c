"""The demo's story, told over HTTP: pictures in, posts out, people tap, pay, and the shop knows where from."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.demo.buyer import Buyer, look
from api.demo.merchant import Merchant
from api.demo.stock import Picture, Stock, offered
from checkout.schemas import OrderOut
from core import clock, money
from core.money import Money
from core.shops import ShopOut
from media.schemas import VisualOut
from social.schemas import KitOut, PostOut

PATIENCE = 20.0
_POLL_SECONDS = 0.1
PAID = "paid"
# One of each shape: what the networks of the demo take, and what previews of links show.
FORMATS = ("square", "portrait", "landscape", "story", "pin", "pin-square", "link-card")


@dataclass(frozen=True)
class Rendered:
    """One picture in one look and one format."""

    picture: Picture
    visual: VisualOut
    content: bytes


@dataclass(frozen=True)
class Published:
    """A post as it would go out."""

    post: PostOut
    kit: KitOut
    picture: Picture
    content: bytes


@dataclass(frozen=True)
class Result:
    """What one post brought, as the API says, and what was really done; `faults` says where the two differ."""

    published: Published
    taps: int
    clicks: int
    orders: Sequence[OrderOut]
    revenue: Sequence[Money]
    faults: Sequence[str]


LOOKS = ("plain", "price")


async def render(merchant: Merchant, shop: ShopOut, picture: Picture) -> list[Rendered]:
    """The picture alone and with its price, in one format of each shape; `vitrine gallery` shows the other looks."""
    found: list[Rendered] = []
    for template in LOOKS:
        wanted: dict[str, object] = {"asset_id": picture.asset.id, "template": template, "formats": FORMATS}
        if template == "price":
            wanted |= words(shop, picture)
        made = (await merchant.render(wanted)).items
        found += [Rendered(picture, visual, await merchant.fetch(visual.url)) for visual in made]
    return found


def words(shop: ShopOut, picture: Picture) -> dict[str, str]:
    """What the look with a title and a price says: the first product, as people of the shop's country write it."""
    product = picture.points[0].product
    offer = offered(product, shop.currency)
    if offer is None:
        return {"title": product.title}
    variant, price = offer
    texts = {"title": product.title, "price": money.display(price, shop.locale)}
    before = next((each.compare_at for each in variant.prices if each.currency == shop.currency), None)
    return texts | ({"compare_at": money.display(Money(before, shop.currency), shop.locale)} if before else {})


async def publish(merchant: Merchant, network: str, picture: Picture) -> Published:
    """Make the post, and fetch what publishing it takes."""
    tags = [{"product_id": point.product.id, "x": point.x, "y": point.y} for point in picture.points]
    post = await merchant.add_post({"network": network, "asset_id": picture.asset.id, "tags": tags})
    kit = await merchant.kit(post)
    return Published(post, kit, picture, await merchant.fetch(kit.pictures[0].url))


async def publish_all(merchant: Merchant, stock: Stock) -> list[Published]:
    """One post for each network."""
    return [await publish(merchant, network, picture) for network, picture in stock.showcase.items()]


async def visit(published: Published) -> int:
    """Programs look at each link of the post; then a person taps it, buys and pays. How many people did."""
    for number, link in enumerate(published.kit.links):
        await look(link.url)
        async with Buyer(published.post.network, f"Ada Lovelace {number + 1}") as buyer:
            await buyer.buy(link.url)
    return len(published.kit.links)


async def results(merchant: Merchant, visited: Mapping[str, int], posts: Sequence[Published]) -> list[Result]:
    """Wait until the shop knows of everything, and hold what it says against what was done."""
    end = clock.monotonic() + PATIENCE
    while True:
        found = [await _result(merchant, each, visited[each.post.network]) for each in posts]
        if not any(each.faults for each in found) or clock.monotonic() > end:
            return found
        await asyncio.sleep(_POLL_SECONDS)


async def _result(merchant: Merchant, published: Published, taps: int) -> Result:
    network = published.post.network
    report = {row.network: row for row in (await merchant.networks()).items}
    row = report.get(network)
    orders = await merchant.orders(network=network, status=PAID)
    clicks = row.clicks if row else 0
    revenue = list(row.revenue) if row else []
    faults = list(_faults(published, orders, taps))
    if clicks != taps:
        faults.append(f"{clicks} clicks are counted, {taps} people tapped.")
    if row is None or row.paid != taps:
        faults.append(f"{row.paid if row else 0} orders are reported, {taps} were paid.")
    if sum(each.amount for each in revenue) != sum(order.total.amount for order in orders):
        faults.append("The revenue is not the sum of the orders.")
    return Result(published, taps, clicks, orders, revenue, faults)


def _faults(published: Published, orders: Sequence[OrderOut], taps: int) -> list[str]:
    """Where the orders are not what was bought."""
    if len(orders) != taps:
        return [f"{len(orders)} orders are paid, {taps} were bought."]
    links = {link.link_id: link for link in published.kit.links}
    found = []
    for order in orders:
        known = order.attribution
        link = links.pop(known.link_id or "", None)
        if link is None or known.post_id != published.post.id:
            found.append(f"Order {order.id} does not know its post and link.")
        elif known.click_id is None or known.confidence != "explicit":
            found.append(f"Order {order.id} does not know its tap.")
        elif [line.product_id for line in order.lines] != [link.product_id]:
            found.append(f"Order {order.id} holds another product than its link.")
        elif order.paid != order.total or order.total.amount <= 0:
            found.append(f"Order {order.id} is not paid in full.")
    return found
