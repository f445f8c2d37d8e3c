"""Where an order came from, told to people: every tap, and the rule that decided."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from checkout.models import Order
from checkout.schemas import AttributionOut
from core.wire import Out
from social.links.touches import Touch, Via


class Words(Out, kw_only=True, frozen=True):
    """The same sentence in French and in English."""

    fr: str
    en: str


class TouchOut(Out, kw_only=True, frozen=True):
    """One tap before the order. `via` is `token` where its token stood in the address, `cookie` where it was kept.

    `click_id` is null once the buyer was forgotten. `credited` is the tap whose post and link have the order.
    """

    at: datetime
    network: str | None
    placement: str | None
    post_id: str | None
    link_id: str
    campaign: str | None
    click_id: str | None
    via: Via
    credited: bool


# What each method means, in the order in which they are asked; `{value}` is the sign's own, `{network}` what it says.
RULES = {
    "token": Words(
        fr="Le jeton signé du lien touché ({value}) désigne {network} : il l’emporte sur tout autre indice.",
        en="The signed token of the link that was tapped ({value}) says {network}: it outdoes every other sign.",
    ),
    "link": Words(
        fr="La page du lien {value}, fait pour {network}, était ouverte ; aucun jeton valable de ce lien n’y était.",
        en="The page of link {value}, made for {network}, was open; no valid token of a tap came with it.",
    ),
    "cookie": Words(
        fr="Pas de jeton dans l’adresse ; le dernier lien touché dont le jeton est gardé ({value}) vient de {network}.",
        en="No token in the address; the last tap whose token was kept ({value}) came from {network}.",
    ),
    "code": Words(
        fr="Aucun lien connu ; le code de réduction {value} vient de {network} : c’est là que sont ses liens, ou la "
        "personne à qui il appartient.",
        en="No tap is known; the discount code {value} comes from {network}: its links are there, or its creator is.",
    ),
    "cart_origin": Words(
        fr="L’adresse du panier, écrite par Meta, nomme {network} (cart_origin={value}).",
        en="The cart's address, which Meta writes, names {network} (cart_origin={value}).",
    ),
    "click_id": Words(
        fr="L’adresse portait l’identifiant {value}, que {network} ajoute à ses liens.",
        en="The address carried the identifier {value}, which {network} adds to its links.",
    ),
    "utm": Words(
        fr="L’adresse portait utm_source={value}, qui désigne {network}.",
        en="The address carried utm_source={value}, which stands for {network}.",
    ),
    "referrer": Words(
        fr="Le navigateur a dit venir de {value}, qui appartient à {network}.",
        en="The browser said that it came from {value}, which belongs to {network}.",
    ),
    "in_app": Words(
        fr="La page était ouverte dans le navigateur intégré de {network}.",
        en="The page was open in the browser inside of {network}'s app.",
    ),
    "none": Words(
        fr="Rien ne dit d’où vient cet achat : il reste inconnu et n’est attribué à personne.",
        en="Nothing tells where this order came from: it stays unknown and is credited to nobody.",
    ),
}


class OrderAttributionOut(AttributionOut, kw_only=True, frozen=True):
    """Where the order came from, with every tap that is known of, oldest first, and the `rule` that decided.

    Signs are asked in one order: the token of the tap, the link of the page, tokens kept from earlier taps, a discount
    code of one network's links or of a creator who is at home there, `cart_origin`, click identifiers, `utm_source`,
    the referrer, an in-app browser, `fbclid` alone, nothing.
    """

    rule: Words
    touches: list[TouchOut]

    @classmethod
    def told(cls, order: Order, touches: Sequence[Touch]) -> "OrderAttributionOut":
        """The order's origin with its taps."""
        base = AttributionOut.of(order)
        value = base.evidence[0].value if base.evidence else ""
        words = RULES[base.method]
        said = {
            name: text.format(value=value, network=base.network) for name, text in (("fr", words.fr), ("en", words.en))
        }
        credited = _credited(order, touches)
        return cls(
            **msgspec.structs.asdict(base),
            rule=Words(**said),
            touches=[_told(each, is_credited=place == credited) for place, each in enumerate(touches)],
        )


def _credited(order: Order, touches: Sequence[Touch]) -> int | None:
    """Which tap has the order; after its id is erased, it is still the last one of the order's link."""
    of_link = [place for place, each in enumerate(touches) if each.link_id == order.link_id]
    by_token = [place for place in of_link if touches[place].via == "token"]
    found = by_token or of_link
    return found[-1] if found else None


def _told(touch: Touch, *, is_credited: bool) -> TouchOut:
    return TouchOut(
        at=touch.at,
        network=touch.network,
        placement=touch.placement,
        post_id=touch.post_id,
        link_id=touch.link_id,
        campaign=touch.campaign,
        click_id=touch.click_id,
        via=touch.via,
        credited=is_credited,
    )
