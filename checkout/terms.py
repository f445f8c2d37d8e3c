"""What the payment page says beside its button: where the shop's terms are, and for how long goods can be sent back.

The order becomes binding there, and directive 2011/83/EU, article 8(2), wants the withdrawal and the terms to be known
directly before. Stripe's own box for terms (`consent_collection`) needs an address in each account's dashboard, so the
address is said in a sentence that needs none.
"""

from core import legal
from core.shops import Shop

_TERMS = {"fr": "Conditions de vente\u00a0: {url}", "en": "Terms of sale: {url}"}
_RETURNS = {"fr": "Droit de rétractation\u00a0: {n} jours.", "en": "Right of withdrawal: {n} days."}


def parameters(shop: Shop, locale: str) -> dict[str, object]:
    """What the session says of them, in the language of its page or else in English; empty where the shop says nothing.

    An address has five hundred signs at most, and Stripe takes 1200
    (docs.stripe.com/api/checkout/sessions/create, custom_text.submit.message).
    """
    facts, language = legal.read(shop.legal), "fr" if locale.startswith("fr") else "en"
    said = [
        _RETURNS[language].format(n=facts.return_days) if facts.return_days else "",
        _TERMS[language].format(url=facts.terms_url) if facts.terms_url else "",
    ]
    message = " ".join(each for each in said if each)
    return {"custom_text": {"submit": {"message": message}}} if message else {}
