"""The hosted page's languages: the session's `locale`, or what the browser asks for; English where we know no better.

Sentences are found by their English, which is what the other modules say. French has a narrow no-break space before
! ? ; and a fixed one before a colon.
"""

import re
from typing import Annotated

from msgspec import Meta, Struct

from checkout.sandbox import currencies

_NARROW, _FIXED = "\u202f", "\u00a0"
ENGLISH, FRENCH = "en", "fr"
AUTO = "auto"
WANTED = re.compile(r"\s*([A-Za-z]{2,3})(?:-([A-Za-z]{2}))?[^,;]*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")

PAGE: dict[str, str] = {
    # The basket
    "Pay": "Payer",
    "Book": "Réserver",
    "Donate": "Donner",
    "Pay {shop}": "Payer {shop}",
    "Book {shop}": "Réserver chez {shop}",
    "Donate {shop}": "Donner à {shop}",
    "TEST MODE": "MODE TEST",
    "Quantity of {title}": "Quantité de {title}",
    "Update": "Actualiser",
    "Qty {quantity}": "Qté {quantity}",
    "{price} each": "{price} pièce",
    "Promotion code": "Code promo",
    "Apply": "Appliquer",
    "Remove": "Retirer",
    "Subtotal": "Sous-total",
    "Shipping": "Livraison",
    "Free": "Offerte",
    "Tax": "Taxes",
    "Tax (included)": "Taxes (comprises)",
    "Enter address to calculate": "Selon votre adresse",
    "Total due": "Total à payer",
    # The form
    "Test payment: tap to fill everything in, then press {verb}.": (
        f"Paiement de test{_FIXED}: touchez une carte pour tout remplir, puis {{verb}}."
    ),
    "Paid": "Paiement accepté",
    "Declined": "Carte refusée",
    "No funds": "Fonds insuffisants",
    "Bank asks": "La banque vérifie",
    "Expired card": "Carte expirée",
    "Bank, paid later": "Prélèvement accepté",
    "Bank, fails later": "Prélèvement refusé",
    "Contact": "Coordonnées",
    "Email": "E-mail",
    "you@example.com": "vous@exemple.fr",
    "Phone": "Téléphone",
    "Shipping address": "Adresse de livraison",
    "Billing address": "Adresse de facturation",
    "Address": "Adresse",
    "Flat, floor (optional)": "Appartement, étage (facultatif)",
    "Postal code": "Code postal",
    "City": "Ville",
    "Country": "Pays",
    "Payment": "Paiement",
    "Card": "Carte bancaire",
    "Card number": "Numéro de carte",
    "1234 1234 1234 1234": "1234 1234 1234 1234",
    "Expiry": "Expiration",
    "MM / YY": "MM / AA",
    "Security code": "Cryptogramme",
    "CVC": "CVC",
    "Test wallet": "Portefeuille de test",
    "Pays with the card in your phone: no number needed.": (
        f"Paie avec la carte de votre téléphone{_FIXED}: aucun numéro à saisir."
    ),
    "SEPA bank debit": "Prélèvement SEPA",
    "US bank account": "Compte bancaire américain",
    "Bacs bank debit": "Prélèvement Bacs",
    "IBAN": "IBAN",
    "Account number": "Numéro de compte",
    "The bank answers a little later. Your order is confirmed once it has.": (
        "La banque répond un peu plus tard. Votre commande est confirmée dès qu’elle l’a fait."
    ),
    "Name": "Nom complet",
    "A few more things": "Encore quelques précisions",
    "{label} (optional)": "{label} (facultatif)",
    "Choose": "Choisir",
    "I agree to {shop}'s terms of service.": "J’accepte les conditions générales de {shop}.",
    "Send me news and offers from {shop}.": "Je souhaite recevoir les nouveautés et les offres de {shop}.",
    "{verb} {price}": "{verb} {price}",
    "{verb} now": "{verb} maintenant",
    "Complete order": "Valider la commande",
    "Cancel and go back to {shop}": "Annuler et revenir chez {shop}",
    "Local Stripe for testing. No real card is ever charged here.": (
        "Stripe local pour les tests. Aucune vraie carte n’est débitée ici."
    ),
    "Shipping and tax for your address are in now. Please check the total and press again.": (
        "La livraison et les taxes de votre adresse sont maintenant comprises. Vérifiez le total, puis confirmez."
    ),
    # Days
    "{span} hour": "{span} heure",
    "{span} hours": "{span} heures",
    "{span} day": "{span} jour",
    "{span} days": "{span} jours",
    "{span} business day": "{span} jour ouvré",
    "{span} business days": "{span} jours ouvrés",
    "{span} week": "{span} semaine",
    "{span} weeks": "{span} semaines",
    "{span} month": "{span} mois",
    "{span} months": "{span} mois",
    "{least}–{most}": "{least} à {most}",
    # Pages around it
    "Your bank": "Votre banque",
    "Is this you?": f"Est-ce bien vous{_NARROW}?",
    "Your bank asks you to confirm {price} to {shop}.": "Votre banque vous demande de confirmer {price} à {shop}.",
    "Authenticate": "Confirmer",
    "Fail": "Refuser",
    "This checkout has expired": "Ce paiement a expiré",
    "You were not charged. Please start again from {shop}.": "Rien n’a été débité. Recommencez depuis {shop}.",
    "Back to {shop}": "Revenir chez {shop}",
    "Not active": "Lien inactif",
    "This link is not active": "Ce lien n’est pas actif",
    "It has been paid as often as it may be, or the shop has switched it off.": (
        "Il a servi autant de fois que prévu, ou la boutique l’a désactivé."
    ),
    "Nothing here": "Rien à cette adresse",
    "Something went wrong": "Quelque chose s’est mal passé",
    "The page you were looking for could not be found. Please check the URL or contact the merchant.": (
        "Cette page est introuvable. Vérifiez l’adresse ou écrivez à la boutique."
    ),
    "Your payment is on its way": "Votre paiement est en route",
    "You're all done here": f"C’est fait{_NARROW}!",
    "Your bank will confirm {price} to {shop}.": "Votre banque confirmera {price} à {shop}.",
    "Your payment of {price} to {shop} went through. You were charged once.": (
        "Votre paiement de {price} à {shop} est passé. Vous avez été débité une seule fois."
    ),
    "Thank you": f"Merci{_NARROW}!",
    "Thanks for your payment": "Merci de votre paiement",
    "A payment to the shop has gone through.": "Un paiement à la boutique est passé.",
}
# What other modules say to whoever typed, chose or paid something.
OTHERS: dict[str, str] = {
    # What is wrong with a field
    "Required": "À remplir",
    "Your email is invalid.": "Cette adresse e-mail n’est pas valable.",
    "Choose a way of shipping.": "Choisissez un mode de livraison.",
    "Choose how to pay.": "Choisissez comment payer.",
    "Your card's expiration date is incomplete.": "La date d’expiration est incomplète.",
    "Your card's expiration date is in the past.": "La date d’expiration est passée.",
    "Your card's security code is incomplete.": "Le cryptogramme est incomplet.",
    "This is not a test account. Try {succeeds} or {fails}.": (
        "Ce n’est pas un compte de test. Essayez {succeeds} ou {fails}."
    ),
    "We cannot ship to this country.": "La livraison n’est pas possible dans ce pays.",
    "You must accept the terms to continue.": "Acceptez les conditions générales pour continuer.",
    "Choose one of these.": "Choisissez l’une de ces réponses.",
    "Only digits, please.": "Uniquement des chiffres.",
    "At least {number} characters, please.": "Au moins {number} caractères.",
    "This is too long.": "C’est trop long.",
    # What is wrong with the basket
    "This code is invalid.": "Ce code n’est pas valable.",
    "Promotion codes cannot be used here.": "Les codes promo ne sont pas acceptés ici.",
    "This code does not apply to anything in your basket.": "Ce code ne s’applique à aucun article de votre panier.",
    "This promotion code ({code}) is expired or used up.": "Ce code promo ({code}) n’est plus valable.",
    "This promotion code is for another customer.": "Ce code promo est réservé à une autre personne.",
    "This promotion code is for customers who buy for the first time.": (
        "Ce code promo est réservé à un premier achat."
    ),
    "This promotion code can be used from {price} on.": "Ce code promo s’utilise à partir de {price}.",
    "Coupon {name} is expired and cannot be applied": "Cette réduction n’est plus valable.",
    "This quantity cannot be changed.": "Cette quantité ne peut pas être modifiée.",
    "Choose between {low} and {high}.": "Choisissez entre {low} et {high}.",
    "The Checkout Session's total amount due must add up to at least {price} {currency}": (
        "Le total doit être d’au moins {price}."
    ),
    "The Checkout Session's total amount due must be no more than {price} {currency}": (
        "Le total ne peut pas dépasser {price}."
    ),
    # What the bank says
    "Your card was declined.": "Votre carte a été refusée.",
    "Your card has insufficient funds.": "Les fonds de votre carte sont insuffisants.",
    "Your card has expired.": "Votre carte a expiré.",
    "Your card's security code is incorrect.": "Le cryptogramme de votre carte est incorrect.",
    "Your card number is incorrect.": "Le numéro de votre carte est incorrect.",
    "An error occurred while processing your card. Try again in a little bit.": (
        "Votre carte n’a pas pu être traitée. Réessayez dans un instant."
    ),
    "Your card was declined. Your request was in test mode, but used a non test (live) card. {help}": (
        "Votre carte a été refusée. Seules les cartes de test sont acceptées ici."
    ),
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.": (
        "Votre banque n’a pas confirmé ce paiement. Choisissez un autre moyen de paiement."
    ),
}
SYMBOLS = currencies.SYMBOLS | {"usd": "$US", "cad": "$CA", "aud": "$AU", "jpy": "JPY", "krw": "KRW", "inr": "INR"}


class Speaker(Struct, frozen=True):
    """Says everything in one language; `region` is the country that the browser names, or empty."""

    language: str = ENGLISH
    region: Annotated[str, Meta(max_length=2)] = ""

    def __call__(self, english: str, **facts: object) -> str:
        """A sentence with its facts put in."""
        sentence = PAGE.get(english, english) if self.language == FRENCH else english
        return sentence.format(**facts)

    def again(self, said: str) -> str:
        """What another module has said in English, facts and all."""
        if self.language == ENGLISH or not said:
            return said
        for pattern, french in _HEARD:
            if found := pattern.fullmatch(said):
                facts = found.groupdict()
                return french.format(**facts | {"price": _rewritten(facts["price"])} if "price" in facts else facts)
        return said

    def money(self, amount: int, currency: str) -> str:
        """An amount: `€1,299.00`, `1 299,00 €`."""
        if self.language == ENGLISH:
            return currencies.display(amount, currency)
        digits = currencies.exponent(currency)
        whole, rest = divmod(abs(amount), 10**digits)
        figure = f"{whole:,}".replace(",", _NARROW) + (f",{rest:0{digits}d}" if digits else "")
        return f"{'−' if amount < 0 else ''}{figure}{_FIXED}{SYMBOLS.get(currency, currency.upper())}"


def speaker(locale: str | None, accept_language: str) -> Speaker:
    """Who speaks to a buyer: in the session's language, or the browser's where that is left open."""
    asked = _asked(accept_language)
    region = next((region for _, region in asked if region), "")
    if locale not in (None, AUTO):
        return Speaker(FRENCH if str(locale).partition("-")[0] == FRENCH else ENGLISH, region)
    return Speaker(next((language for language, _ in asked if language in (ENGLISH, FRENCH)), ENGLISH), region)


def _asked(accept_language: str) -> list[tuple[str, str]]:
    """Languages and regions of the header, the most wanted first."""
    parts = (WANTED.fullmatch(part) for part in accept_language[:200].split(","))
    found = [(float(each[3] or 1), each[1].lower(), (each[2] or "").upper()) for each in parts if each]
    ranked = sorted(found, key=lambda each: each[0], reverse=True)
    return [(language, region) for quality, language, region in ranked if quality]


def _rewritten(price: str) -> str:
    """A price that was written in English, in French."""
    mark, figure = re.fullmatch(r"(\D+?) ?([\d,]+(?:\.\d+)?)", price).groups()  # type: ignore[union-attr]  # `currencies.display` wrote it.
    known = {symbol: currency for currency, symbol in currencies.SYMBOLS.items()}
    shown = SYMBOLS.get(known.get(mark, ""), mark)
    return f"{figure.replace(',', _NARROW).replace('.', ',')}{_FIXED}{shown}"


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    return re.compile("".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)))


_HEARD = [(_pattern(english), french) for english, french in OTHERS.items()]
