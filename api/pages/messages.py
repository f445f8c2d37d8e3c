"""What the pages say, by language. French has a narrow no-break space before ! ? ; and a fixed one before a colon."""

import contextlib

import msgspec

_NARROW, _FIXED = "\u202f", "\u00a0"


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """Every sentence of the pages in one language; `{…}` stands for what is put in."""

    language: str
    # Landing page
    buy: str
    quantity: str
    variant: str
    sold_out: str
    left: str
    starting_at: str
    was: str
    now: str
    secure: str
    about: str
    others: str
    pictures: str
    ended: str
    link_early: str
    link_over: str
    renamed: str
    price_since: str
    sold_out_all: str
    discount: str
    discount_later: str
    one_piece: str
    free_shipping: str
    taxes_included: str
    taxes_added: str
    shipping: str
    shipping_to: str
    shipping_free: str
    shipping_free_from: str
    shipping_days: str
    shipping_days_exactly: str
    shipping_day: str
    # A basket, and what a link asked for in vain
    basket: str
    basket_empty: str
    basket_gone: str
    remove: str
    update: str
    each_piece: str
    line_gone: str
    line_sold_out: str
    look: str
    before_shipping: str
    basket_changed: str
    taken_some: str
    missing: str
    missing_one: str
    partial: str
    code_not_good: str
    choice_gone: str
    choice_sold_out: str
    # What went wrong when Buy was pressed
    taken: str
    only_left: str
    no_longer: str
    payment_away: str
    unpayable: str
    not_shipped: str
    price_changed: str
    shipping_changed: str
    page_old: str
    foreign: str
    # Errors
    not_found_title: str
    link_not_found: str
    not_found: str
    error_title: str
    error: str
    refused_title: str
    refused: str
    away_title: str
    away: str
    reference: str
    # The order
    order: str
    order_number: str
    thanks: str
    paid: str
    confirming_title: str
    confirming: str
    still_confirming: str
    reload: str
    processing_title: str
    processing: str
    too_many: str
    again: str
    again_gone: str
    again_failed: str
    again_for: str
    changed_title: str
    changed: str
    total_before: str
    total_today: str
    paid_otherwise: str
    paid_line: str
    subtotal: str
    discount_line: str
    shipping_line: str
    tax_line: str
    refund: str
    expired_title: str
    expired: str
    cancelled_title: str
    cancelled: str
    refunded_title: str
    refunded: str
    partially_refunded: str
    failed_title: str
    failed: str
    back_to_shop: str
    back_to_basket: str
    times: str
    total: str
    keep_page: str


FRENCH = Messages(
    language="fr",
    buy="Acheter",
    quantity="Quantité",
    variant="Modèle",
    sold_out="épuisé",
    left="Plus que {n}",
    starting_at="dès",
    was="Prix avant réduction",
    now="Prix",
    secure="Paiement sécurisé par Stripe",
    about="À propos",
    others="À découvrir aussi",
    pictures="Photos de {title}",
    ended="{shop} ne propose plus {title}.",
    link_early=f"Ce n’est pas encore commencé. Revenez bientôt{_NARROW}!",
    link_over="Cette offre est terminée.",
    renamed=f"Cet article s’appelait «{_FIXED}{{title}}{_FIXED}» quand ce lien a été publié.",
    price_since="Le prix a changé depuis que ce lien a été publié.",
    sold_out_all="{title} n’est plus en stock pour le moment.",
    discount=f"{{name}}{_FIXED}: {{price}} au lieu de {{before}}",
    discount_later=f"{{name}}{_FIXED}: réduction déjà comprise dans les prix ci-dessous",
    one_piece="pour une pièce",
    free_shipping=f"{{name}}{_FIXED}: livraison offerte",
    taxes_included="Taxes comprises",
    taxes_added="Hors taxes, calculées au paiement",
    shipping=f"Livraison{_FIXED}: {{said}}",
    shipping_to="Livraison vers",
    shipping_free="offerte",
    shipping_free_from="offerte dès {price}",
    shipping_days="{least} à {most} jours ouvrés",
    shipping_days_exactly="{n} jours ouvrés",
    shipping_day="1 jour ouvré",
    basket="Votre panier",
    basket_empty="Votre panier est vide pour le moment.",
    basket_gone="Rien de ce panier ne peut être commandé pour le moment.",
    remove="retirer",
    update="Mettre à jour",
    each_piece="{price} l’unité",
    line_gone="n’est plus proposé",
    line_sold_out="épuisé",
    look="Voir les modèles disponibles",
    before_shipping="Total, hors livraison",
    basket_changed="Votre panier a changé. Vérifiez le total, puis touchez Acheter.",
    taken_some="Un article vient d’être vendu. Vérifiez votre panier, puis touchez Acheter.",
    missing="{n} articles de ce lien n’existent plus. Voici les autres.",
    missing_one="Un article de ce lien n’existe plus. Voici le reste.",
    partial="Une partie de ce lien n’a pas pu être prise en compte. Vérifiez votre choix.",
    code_not_good="Le code {code} n’est pas valable ici. Le prix affiché est sans ce code.",
    choice_gone="Le modèle demandé n’est plus proposé. En voici un autre.",
    choice_sold_out="Le modèle demandé est épuisé. En voici un autre.",
    taken=f"Ce modèle vient d’être vendu. Choisissez-en un autre{_NARROW}?",
    only_left="Il n’en reste que {n}. La quantité a été ajustée.",
    no_longer="Ce modèle n’est plus en vente. Choisissez-en un autre.",
    payment_away="Le paiement ne répond pas. Rien n’a été débité. Réessayez dans un instant.",
    not_shipped="La boutique ne livre pas cet article dans ce pays. Rien n’a été débité.",
    unpayable="Cette commande ne peut pas être payée en ligne. Rien n’a été débité.",
    price_changed=f"Le prix a changé{_FIXED}: {{price}} pour votre choix, hors livraison. Rien n’a été débité.",
    shipping_changed=f"La livraison a changé{_FIXED}: {{price}} pour votre choix. Rien n’a été débité.",
    page_old="Cette page était ouverte depuis longtemps. Vérifiez votre choix, puis touchez Acheter.",
    foreign="Cette demande vient d’un autre site. Revenez par le lien de la boutique.",
    not_found_title="Cette page n’existe pas",
    link_not_found=(
        "Ce lien ne mène nulle part. Vérifiez qu’il est complet, ou revenez à la publication où vous l’avez vu."
    ),
    not_found="Il n’y a rien à cette adresse.",
    error_title="Quelque chose s’est mal passé",
    error="C’est de notre côté. Réessayez dans un instant.",
    refused_title="Cette demande ne peut pas aboutir",
    refused="Revenez en arrière et vérifiez ce que vous avez envoyé.",
    away_title="Un instant",
    away="Le service reprend son souffle. Réessayez dans quelques secondes.",
    reference=f"Référence{_FIXED}: {{request_id}}",
    order="Commande",
    order_number="Commande {number}",
    thanks=f"Merci{_NARROW}!",
    paid="Votre commande est payée. {shop} la prépare.",
    confirming_title="Confirmation du paiement",
    confirming="Nous attendons la confirmation de votre paiement. Cette page s’actualise toute seule.",
    still_confirming=(
        "La confirmation se fait attendre. Vous pouvez fermer cette page et y revenir plus tard, ou l’actualiser."
    ),
    reload="Actualiser",
    processing_title="Paiement en cours",
    processing=(
        f"Votre commande est enregistrée. Votre moyen de paiement demande quelques jours{_NARROW}; "
        "{shop} la prépare dès qu’il est confirmé."
    ),
    too_many="Trop de paiements commencés et pas terminés. Terminez-en un, ou réessayez un peu plus tard.",
    again="Reprendre ma commande",
    again_for="Commander pour {price}",
    changed_title="Le total a changé",
    changed=(
        "Cette commande coûtait {total}. Aujourd’hui, elle coûte {price}. "
        f"Rien n’a été débité{_FIXED}: c’est à vous de décider."
    ),
    total_before="Total initial",
    total_today="Total aujourd’hui",
    paid_otherwise=(
        "Vous avez payé {paid} pour une commande de {total}. {shop} vérifie cette différence avant de préparer votre "
        "commande. Vous n’avez rien à faire."
    ),
    paid_line="Payé",
    again_gone="Un article de cette commande n’est plus disponible en quantité suffisante.",
    again_failed="Le paiement ne répond pas. Réessayez dans un instant.",
    subtotal="Sous-total",
    discount_line="Réduction",
    shipping_line="Livraison",
    tax_line="Taxes",
    refund="Remboursé",
    expired_title="Commande expirée",
    expired="Le paiement n’a pas été fait à temps. Rien n’a été débité.",
    cancelled_title="Commande annulée",
    cancelled="Cette commande a été annulée avant le paiement. Rien n’a été débité.",
    refunded_title="Commande remboursée",
    refunded="{shop} vous a remboursé. Selon votre banque, l’argent arrive en cinq à dix jours ouvrés.",
    partially_refunded="Votre commande est payée, et {shop} vous en a remboursé une partie.",
    failed_title="Paiement refusé",
    failed="Le paiement n’a pas abouti. Rien n’a été débité.",
    back_to_shop="Revenir à l’article",
    back_to_basket="Revenir à mon choix",
    times="{quantity} × {price}",
    total="Total",
    keep_page="Gardez l’adresse de cette page pour suivre votre commande.",
)

ENGLISH = Messages(
    language="en",
    buy="Buy",
    quantity="Quantity",
    variant="Choice",
    sold_out="sold out",
    left="Only {n} left",
    starting_at="from",
    was="Price before reduction",
    now="Price",
    secure="Secure payment by Stripe",
    about="About",
    others="You may also like",
    pictures="Pictures of {title}",
    ended="{shop} no longer offers {title}.",
    link_early="This has not begun yet. Come back soon!",
    link_over="This offer has ended.",
    renamed="This was called “{title}” when the link was posted.",
    price_since="The price has changed since this link was posted.",
    sold_out_all="{title} is sold out for now.",
    discount="{name}: {price} instead of {before}",
    discount_later="{name}: already taken off the prices below",
    one_piece="for one",
    free_shipping="{name}: free shipping",
    taxes_included="Taxes included",
    taxes_added="Taxes added when you pay",
    shipping="Shipping: {said}",
    shipping_to="Ship to",
    shipping_free="free",
    shipping_free_from="free from {price}",
    shipping_days="{least} to {most} working days",
    shipping_days_exactly="{n} working days",
    shipping_day="1 working day",
    basket="Your basket",
    basket_empty="Your basket is empty for now.",
    basket_gone="Nothing in this basket can be ordered for now.",
    remove="remove",
    update="Update",
    each_piece="{price} each",
    line_gone="no longer offered",
    line_sold_out="sold out",
    look="See what is available",
    before_shipping="Total, before shipping",
    basket_changed="Your basket has changed. Check the total, then tap Buy.",
    taken_some="Something has just been sold. Check your basket, then tap Buy.",
    missing="{n} items of this link do not exist any more. Here are the others.",
    missing_one="One item of this link does not exist any more. Here is the rest.",
    partial="A part of this link could not be taken into account. Please check your choice.",
    code_not_good="The code {code} is not valid here. The price is shown without it.",
    choice_gone="The one that was asked for is no longer offered. Here is another.",
    choice_sold_out="The one that was asked for is sold out. Here is another.",
    taken="This one has just been sold. Would you like another?",
    only_left="Only {n} left. We have adjusted the quantity.",
    no_longer="This one is no longer on sale. Please choose another.",
    payment_away="The payment service does not answer. Nothing was charged. Please try again in a moment.",
    not_shipped="The shop does not ship this to that country. Nothing was charged.",
    unpayable="This order cannot be paid online. Nothing was charged.",
    price_changed="The price has changed: {price} now for what you chose, before shipping. Nothing was charged.",
    shipping_changed="Shipping has changed: {price} now for what you chose. Nothing was charged.",
    page_old="This page was open for a long time. Check your choice, then tap Buy.",
    foreign="This request came from another site. Please use the shop’s own link.",
    not_found_title="This page does not exist",
    link_not_found="This link leads nowhere. Check that it is complete, or go back to the post where you saw it.",
    not_found="There is nothing at this address.",
    error_title="Something went wrong",
    error="It is on our side. Please try again in a moment.",
    refused_title="This request cannot be carried out",
    refused="Please go back and check what you sent.",
    away_title="One moment",
    away="The service is catching its breath. Please try again in a few seconds.",
    reference="Reference: {request_id}",
    order="Order",
    order_number="Order {number}",
    thanks="Thank you!",
    paid="Your order is paid. {shop} is preparing it.",
    confirming_title="Confirming your payment",
    confirming="We are waiting for your payment to be confirmed. This page refreshes by itself.",
    still_confirming="It is taking longer than usual. You can close this page and come back later, or refresh it.",
    reload="Refresh",
    processing_title="Payment under way",
    processing=(
        "Your order is recorded. Your payment method takes a few days; {shop} prepares the order once it is confirmed."
    ),
    too_many="Too many payments begun and not finished. Finish one, or try again a little later.",
    again="Take up my order again",
    again_for="Order for {price}",
    changed_title="The total has changed",
    changed="This order was {total}. Today it is {price}. Nothing was charged: it is for you to decide.",
    total_before="Earlier total",
    total_today="Total today",
    paid_otherwise=(
        "You paid {paid} for an order of {total}. {shop} is looking into the difference before preparing your order. "
        "There is nothing for you to do."
    ),
    paid_line="Paid",
    again_gone="Something of this order is not available any more in this quantity.",
    again_failed="The payment does not answer. Try again in a moment.",
    subtotal="Subtotal",
    discount_line="Discount",
    shipping_line="Shipping",
    tax_line="Taxes",
    refund="Refunded",
    expired_title="Order expired",
    expired="The payment was not made in time. Nothing was charged.",
    cancelled_title="Order cancelled",
    cancelled="This order was cancelled before it was paid. Nothing was charged.",
    refunded_title="Order refunded",
    refunded="{shop} has sent your money back. Depending on your bank it takes five to ten working days.",
    partially_refunded="Your order is paid, and {shop} has sent a part of it back to you.",
    failed_title="Payment declined",
    failed="The payment did not go through. Nothing was charged.",
    back_to_shop="Back to the product",
    back_to_basket="Back to my choice",
    times="{quantity} × {price}",
    total="Total",
    keep_page="Keep this page’s address to follow your order.",
)

_BY_LANGUAGE = {each.language: each for each in (FRENCH, ENGLISH)}


def of(locale: str) -> Messages:
    """The sentences for a locale such as `fr` or `fr_CA`; English where we do not speak the language."""
    return _BY_LANGUAGE.get(locale.replace("-", "_").partition("_")[0].lower(), ENGLISH)


def wanted(accept_language: str) -> Messages:
    """The sentences for a visitor whose shop is unknown: the first language asked for that we speak, else French."""
    asked: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        name, _, quality = part.strip().partition(";q=")
        language = name.partition("-")[0].lower()
        with contextlib.suppress(ValueError):
            if language in _BY_LANGUAGE:
                asked.append((float(quality or 1), language))
    return _BY_LANGUAGE[max(asked, key=lambda each: each[0])[1]] if asked else FRENCH
