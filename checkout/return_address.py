"""Where a buyer may be sent back to after paying, or after thinking better of it."""

from urllib.parse import urlsplit

from checkout.errors import BadReturnAddress
from core.settings import Settings
from core.shops import Shop


def check(url: str | None, settings: Settings, shop: Shop, *, trusted: bool) -> str | None:
    """The address as it may be given to Stripe.

    Refuses BadReturnAddress unless it is http(s) on a host and, for callers that anybody can be (publishable keys),
    on our own origin or one that the shop lists: a checkout must not become an open redirect.
    """
    if url is None:
        return None
    home = urlsplit(settings.public_url)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadReturnAddress("This is no address.", url=url[:200]) from None
    known = {f"{home.scheme}://{home.netloc}", *shop.origins}
    sound = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and "\\" not in url
    if not sound or (not trusted and f"{parts.scheme}://{parts.netloc}" not in known):
        raise BadReturnAddress("This address is not one of the shop's.", url=url[:200])
    return url
