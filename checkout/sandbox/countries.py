"""The account itself, and what Stripe does in each country."""

from checkout.sandbox import accounts, currencies, errors, expansion, listing, parameters
from checkout.sandbox.account_objects import Account, BusinessProfile, CountrySpec
from checkout.sandbox.call import Call
from checkout.sandbox.forms import Tree
from checkout.sandbox.session_parameters import Listing, Retrieval

# Where accounts can be opened, with the currency they settle in (stripe.com/global, checked 2026-11).
SETTLED = """
    AE aed AT eur AU aud BE eur BG eur
    BR brl CA cad CH chf CY eur CZ czk DE eur DK dkk EE eur ES eur FI eur FR eur GB gbp GI gbp
    GR eur HK hkd HR eur HU huf IE eur
    IT eur JP jpy LI chf LT eur LU eur LV eur MT eur MX mxn MY myr NL eur NO nok
    NZ nzd PL pln PT eur RO ron SE sek SG sgd SI eur SK eur TH thb US usd
"""
_WORDS = SETTLED.split()
HOME = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


def own_account(call: Call, tree: Tree) -> bytes:
    """`GET /v1/account`: whose key it is."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, _account(call, call.account), params.expand)


def account(call: Call, tree: Tree, identifier: str) -> bytes:
    """`GET /v1/accounts/{id}`: oneself, or an account that is connected."""
    params = parameters.read(tree, Retrieval)
    if identifier != call.account and accounts.platform_of(call.db, identifier) != call.account:
        raise errors.missing("account", identifier, "account")
    return expansion.render(call, _account(call, identifier), params.expand)


def spec(call: Call, tree: Tree, country: str) -> bytes:
    """`GET /v1/country_specs/{country}`."""
    params = parameters.read(tree, Retrieval)
    if country not in HOME:
        raise errors.missing("country_spec", country, "country")
    return expansion.render(call, _spec(country), params.expand)


def list_specs(call: Call, tree: Tree) -> bytes:
    """`GET /v1/country_specs`, by code."""
    params = parameters.read(tree, Listing)
    after, before = params.starting_after or "", params.ending_before or "~"
    left = [code for code in sorted(HOME) if after < code < before]
    chosen = left[-params.limit :] if params.ending_before and not after else left[: params.limit]
    found = [_spec(code) for code in chosen]
    return listing.render(call, found, len(left) > params.limit, "/v1/country_specs", params.expand)


def _account(call: Call, identifier: str) -> Account:
    return Account(id=identifier, business_profile=BusinessProfile(name=call.settings.shop_name))


def _spec(country: str) -> CountrySpec:
    return CountrySpec(
        id=country,
        default_currency=HOME[country],
        supported_bank_account_currencies={HOME[country]: [country]},
        supported_payment_currencies=sorted(
            currencies.ZERO_DECIMAL | currencies.TWO_DECIMAL | currencies.THREE_DECIMAL
        ),
        supported_payment_methods=["card", "stripe"],
        supported_transfer_countries=sorted(HOME),
    )
