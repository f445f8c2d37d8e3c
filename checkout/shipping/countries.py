"""Countries that a parcel can be sent to through Stripe's page, by ISO 3166-1 code."""

from functools import lru_cache
from typing import Annotated

from babel import Locale
from msgspec import Meta

from checkout.shipping.errors import UnknownCountry

Country = Annotated[
    str, Meta(min_length=2, max_length=2, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, such as FR.")
]

# docs.stripe.com/api/checkout/sessions/create (shipping_address_collection.allowed_countries), without ZZ, which is
# nowhere; SDK 16.1, 2026-11.
_CODES = """
    AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN
    KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC
    NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ
    SK SL SM SN SO SR SS ST SV SX SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN
    VU WF WS XK YE YT ZA ZM ZW
"""
KNOWN = frozenset(_CODES.split())


def check(code: str) -> str:
    """The code itself; refuses UnknownCountry where Stripe's page knows no such country."""
    if code not in KNOWN:
        raise UnknownCountry(f"Stripe's page takes no address in {code!r}.", country=code)
    return code


@lru_cache(maxsize=4096)
def name(code: str, locale: str) -> str:
    """What people of this locale call the country; its code where they have no name for it."""
    return str(Locale.parse(locale).territories.get(code, code))
