"""What a page says first, where an address asked for something that cannot be had as it was asked."""

from collections.abc import Collection

from api.pages import shelf
from api.pages.places import Place, Way
from api.pages.shelf import Wish
from checkout.discounts import discounts
from checkout.discounts.models import Discount
from social.links import checking


def of_cart(way: Way, given: Collection[Discount]) -> list[str]:
    """What of a permalink is not in the cart that it became; nothing is said of a link's own code."""
    cart, texts = way.cart, way.frame.messages
    if cart is None:
        return []
    said = []
    if cart.missing:
        said.append(texts.missing_one if cart.missing == 1 else texts.missing.format(n=cart.missing))
    if cart.partial:
        said.append(texts.partial)
    if cart.code and discounts.normal(cart.code) not in {each.code for each in given}:
        said.append(texts.code_not_good.format(code=cart.code))
    return said


def of_choice(place: Place) -> list[str]:
    """Why the page shows another choice than the one that was asked for."""
    asked, texts = place.asked, place.way.frame.messages
    if place.elsewhere or asked.variant_id is None or asked.kept:
        return []
    offer = next((each for each in shelf.sellable(place.product) if each.variant_id == asked.variant_id), None)
    if offer is None or not offer.in_stock:
        other = any(each.in_stock for each in shelf.sellable(place.product))
        return [texts.choice_gone if offer is None else texts.choice_sold_out] if other else []
    return [texts.only_left.format(n=offer.available)] if _fitting(place) != asked.quantity else []


def of_link(place: Place) -> list[str]:
    """What has become of the link's product since the link was made. The price of that day is not said again."""
    link, texts = place.way.link, place.way.frame.messages
    if link is None or place.elsewhere:
        return []
    said = []
    if link.posted_title not in (None, place.product.title):
        said.append(texts.renamed.format(title=link.posted_title))
    if link.posted_amount not in (None, checking.least(place.product)):
        said.append(texts.price_since)
    return said


def fitting(place: Place) -> Wish:
    """What was asked for, in a quantity that there is."""
    asked = place.asked
    return Wish(asked.variant_id, _fitting(place), ship_to=asked.ship_to)


def _fitting(place: Place) -> int:
    asked = place.asked
    offer = next((each for each in shelf.sellable(place.product) if each.variant_id == asked.variant_id), None)
    if offer is None or not offer.in_stock:
        return 1
    return min(asked.quantity, offer.available) if offer.tracked else asked.quantity
