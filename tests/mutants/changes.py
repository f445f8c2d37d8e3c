"""Bugs that somebody could make, each as a change of a few words, and the tests that have to notice."""

from tests.mutants.mutant import Change, Mutant
from tests.mutants.mutant import one as _one
from tests.mutants.on_links import LINKS
from tests.mutants.on_pictures import PICTURES

MACHINE = "tests/checkout/test_machine.py"
CALCULATION = ("tests/checkout/discounts/test_calculation.py",)
HOLDS = ("tests/checkout/test_holds.py", MACHINE)
REFUNDS = ("tests/checkout/test_refunds.py", MACHINE)
SHARES = ("tests/checkout/test_shares.py", "tests/checkout/test_refund_shares.py")
STATES = ("tests/checkout/test_facts.py", "tests/checkout/test_news.py", "tests/checkout/test_endings.py", MACHINE)

_MONEY = (
    _one(
        "the status is whatever came last",
        "checkout/facts.py",
        "return news if news in chain and chain.index(news) > chain.index(known) else known",
        "return news if news in chain else known",
        STATES,
    ),
    _one(
        "a completed session is taken for paid",
        "checkout/facts.py",
        "if each.payment_status in SETTLED]",
        'if each.session_status == "complete"]',
        STATES,
    ),
    _one(
        "pending refunds are not counted",
        "checkout/facts.py",
        '_GOING_BACK = frozenset(("requested", "pending", "requires_action", "succeeded"))',
        '_GOING_BACK = frozenset(("requested", "succeeded"))',
        STATES,
    ),
    _one(
        "a refund that fails later is not heard",
        "checkout/refunds.py",
        '    await _move(session, shop, order, refund, news.status or "pending", now)\n',
        '    if refund.status != "succeeded":\n'
        '        await _move(session, shop, order, refund, news.status or "pending", now)\n',
        STATES,
    ),
    _one(
        "stock is released when our own clock says so",
        "checkout/checkouts.py",
        "            checkout = await _ask_after(gateway, db, shop, checkout, now)\n",
        '            if checkout.status == "open":\n'
        "                await _give_up(db, shop, checkout, now)\n"
        "                return None\n"
        "            checkout = await _ask_after(gateway, db, shop, checkout, now)\n",
        STATES,
    ),
    _one(
        "stock is released before Stripe has ended the session",
        "checkout/checkouts.py",
        "        order.cancelled = True\n",
        "        order.cancelled = order.given_up = True\n"
        "        await settling.settle(session, shop, order, known.created_at)\n",
        STATES,
    ),
    _one(
        "refunds have no limit",
        "checkout/refunds.py",
        "    if amount > left.amount:\n",
        "    if amount > left.amount + 10**9:\n",
        REFUNDS,
    ),
    Mutant(
        "stock is sold again when the payment is told again",
        (
            Change(
                "checkout/settling.py",
                "    if own is not None and order.paid_at is None:\n",
                "    if own is not None:\n",
            ),
            Change(
                "checkout/holds.py",
                '    marked = await session.rows(_SELL, {"order": order.id})\n'
                '    if all(status == "sold" for (status,) in marked):\n',
                '    again = any(hold.status == "sold" for hold in await of_order(session, order))\n'
                '    marked = await session.rows(_SELL, {"order": order.id})\n'
                '    if all(status == "sold" for (status,) in marked) and not again:\n',
            ),
            Change(
                "checkout/holds.py",
                '        if hold.status != "released":\n            continue\n',
                '        if hold.status != "released" and not again:\n            continue\n',
            ),
        ),
        STATES,
    ),
    _one(
        "an order for nothing is never paid",
        "checkout/facts.py",
        'SETTLED = frozenset(("paid", "no_payment_required"))',
        'SETTLED = frozenset(("paid",))',
        STATES,
    ),
    _one(
        "one piece more than there is can be held",
        "catalog/stock.py",
        'col(Variant.available) >= -sa.bindparam("delta", type_=sa.Integer))',
        'col(Variant.available) >= -sa.bindparam("delta", type_=sa.Integer) - 1)',
        HOLDS,
    ),
    _one(
        "a session that cannot be ended is taken for ended",
        "checkout/stripe/sessions.py",
        "        return await retrieve(gateway, shop, session_id)\n",
        '        return SessionFacts(id=session_id, status="expired")\n',
        STATES,
    ),
    _one(
        "more is put back on the shelf than was sold",
        "checkout/holds.py",
        "quantity = min(demand.get(hold.variant_id, 0), hold.quantity - hold.restocked)",
        "quantity = demand.get(hold.variant_id, 0) + 1",
        HOLDS,
    ),
    _one(
        "a page that was paid opens a second checkout",
        "checkout/claims.py",
        '        living = living or [row for row in mine if row.status == "complete"]\n',
        "",
        ("tests/checkout/test_checkouts.py",),
    ),
    _one(
        "a refund is asked of a session that is not paid yet",
        "checkout/refunds.py",
        'if each.payment_status == "paid" and each.payment_intent and each.amount_total]',
        "if each.payment_intent and each.amount_total]",
        REFUNDS,
    ),
    _one(
        "a second payment goes back whole although part of it went before",
        "checkout/refunds.py",
        "return Share(max(0, payment.amount_total - gone.amount), max(0, payment.amount_tax - gone.tax))",
        "return Share(payment.amount_total - 0 * gone.amount, payment.amount_tax)",
        REFUNDS,
    ),
    _one(
        "a refund is forgotten when Stripe is away for long",
        "checkout/refunds.py",
        "            await jobs.enqueue(session, push, payload, shop_id=shop.id, run_at=later)\n",
        "            raise away\n",
        REFUNDS,
    ),
    _one(
        "a refund that fails leaves its pieces on the shelf",
        "checkout/refunds.py",
        "        await _take_again(session, shop, order, refund)\n",
        "        pass\n",
        REFUNDS,
    ),
    _one(
        "each piece of a refund is rounded by itself",
        "checkout/shares.py",
        "    until = _part(line.cost, before.pieces + quantity, line.quantity) // step * step\n"
        "    amount = max(0, until - before.worth.amount)\n",
        "    amount = _part(line.cost, quantity, line.quantity) // step * step\n",
        SHARES,
    ),
    _one(
        "pieces can be given back twice",
        "checkout/shares.py",
        "if line is None or before.pieces + quantity > line.quantity:",
        "if line is None or quantity > line.quantity:",
        SHARES,
    ),
    _one(
        "tax that was given back is given back again",
        "checkout/refunds.py",
        "max(0, payment.amount_tax - gone.tax))",
        "payment.amount_tax)",
        SHARES,
    ),
    _one(
        "pieces go back in coins that the currency does not have",
        "checkout/shares.py",
        " // step * step\n",
        " // 1 * 1\n",
        SHARES,
    ),
    _one(
        "what a line cost is not read before it is given back",
        "checkout/charged.py",
        "        order.lines_session = payment.session_id\n",
        "",
        SHARES,
    ),
)

_DISCOUNTS = (
    _one(
        "a percentage is rounded down",
        "checkout/discounts/calculation.py",
        "rate + WHOLE * step) // (2 * WHOLE * step)",
        "rate) // (2 * WHOLE * step)",
        CALCULATION,
    ),
    _one(
        "an amount takes more off than there is",
        "checkout/discounts/calculation.py",
        "min(amount, sum(bases.values()))",
        "amount",
        CALCULATION,
    ),
    _one(
        "a minimum has to be passed and not reached",
        "checkout/discounts/calculation.py",
        "eligible(deal, lines) >= deal.minimum_amount",
        "eligible(deal, lines) > deal.minimum_amount",
        CALCULATION,
    ),
    _one(
        "discounts leave a total that Stripe does not charge",
        "checkout/discounts/calculation.py",
        "surplus = smallest - total if 0 < total < smallest else 0",
        "surplus = 0 * (smallest - total)",
        CALCULATION,
    ),
    _one(
        "discounts that stand alone are combined",
        "checkout/discounts/calculation.py",
        "    choices = [together, *([each] for each in usable if not each.combines)]\n",
        "    choices = [together, usable]\n",
        CALCULATION,
    ),
    _one(
        "a tier has to be passed and not reached",
        "checkout/discounts/calculation.py",
        "if each.at_least <= reached]",
        "if each.at_least < reached]",
        CALCULATION,
    ),
    _one(
        "the dearest piece is given away",
        "checkout/discounts/calculation.py",
        "key=lambda line: (line.unit_amount, line.key))",
        "key=lambda line: (-line.unit_amount, line.key))",
        CALCULATION,
    ),
    _one(
        "amounts come before shares",
        "checkout/discounts/calculation.py",
        "_ORDER = (BuyXGetY, Percentage, Tiers, Fixed, FreeShipping)",
        "_ORDER = (Fixed, BuyXGetY, Percentage, Tiers, FreeShipping)",
        CALCULATION,
    ),
    _one(
        "a sum that is shared out loses its remainder",
        "core/money.py",
        "order[: total - sum(parts)]:",
        "order[: max(0, total - sum(parts) - 1)]:",
        ("tests/core/test_money.py", *CALCULATION),
    ),
)

ASKED = ("tests/checkout/test_asked.py",)
REVIEWS = ("tests/checkout/test_reviews.py",)
_ASKED = (
    _one(
        "shipping that was never offered is believed",
        "checkout/asked.py",
        "    return took.amount_shipping in ways\n",
        "    return took.amount_shipping >= 0\n",
        ASKED,
    ),
    _one(
        "a discount that nobody gave is believed",
        "checkout/asked.py",
        " and took.amount_discount == asked.discount\n",
        "\n",
        ASKED,
    ),
    _one(
        "tax that nobody asked for is believed",
        "checkout/asked.py",
        "    most = before if asked.tax else 0\n",
        "    most = before\n",
        ASKED,
    ),
    _one(
        "lines that do not add up are believed",
        "checkout/asked.py",
        "    return total == took.amount_total and discount",
        "    return discount",
        ASKED,
    ),
    _one(
        "anybody's payment with the order's name on it pays it",
        "checkout/payments.py",
        "(payment.named and payment.agrees)",
        "payment.agrees",
        ("tests/checkout/test_news.py",),
    ),
    _one(
        "what was resolved opens again when it is heard again",
        "checkout/reviews.py",
        "    if await insert_new(session, OrderReview, row):\n",
        "    if await insert_new(session, OrderReview, row) or reason:\n",
        REVIEWS,
    ),
    _one(
        "looking at one matter closes another of its kind",
        "checkout/reviews.py",
        "for each in known if each.resolved_at is None})",
        "for each in known if each.resolved_at is None and each.reason != review.reason})",
        REVIEWS,
    ),
    _one(
        "a review is told before the order is settled",
        "checkout/reviews.py",
        "        order.reviews = sorted({*order.reviews, reason})\n",
        "        order.reviews = sorted({*order.reviews, reason})\n        await tell(session, order)\n",
        REVIEWS,
    ),
    _one(
        "a person lets go what a bank has stopped",
        "checkout/fulfilment_holds.py",
        '    if held.reason == "dispute":\n',
        '    if held.reason == "other":\n',
        ("tests/checkout/shipping/test_fulfilment_holds.py",),
    ),
    _one(
        "a discount covers what has left its collection",
        "catalog/collections.py",
        "*mine, holding(shop, each))",
        "*mine)",
        ("tests/checkout/discounts/test_collections.py",),
    ),
)

CHECKOUTS = ("tests/api/test_checkouts.py",)
_DOORS = (
    _one(
        "a front end sets aside what it likes",
        "api/routes/checkouts.py",
        "buyer=customers.household(request, services.vault, shop, now) if key.publishable else None,",
        "buyer=None,",
        CHECKOUTS,
    ),
    _one(
        "whoever taps a link sets aside what they like",
        "api/pages/buying.py",
        "buyer=customers.household(request, services.vault, shop, now),",
        "buyer=None,",
        ("tests/api/pages/test_buying.py",),
    ),
    _one(
        "whoever takes orders up again sets aside what they like",
        "api/pages/recovering.py",
        "customers.household(request, services.vault, shop, now))",
        "None)",
        ("tests/api/pages/test_receipts.py",),
    ),
    _one(
        "a server is ready before it has asked Stripe what it missed",
        "api/readiness.py",
        ' if found.books != "ok" else ""',
        ' if found.books == "" else ""',
        ("tests/api/test_health.py",),
    ),
    _one(
        "a draft and what was archived is sold",
        "checkout/placing.py",
        "if offer is None or not offer.sellable or offer.price is None:",
        "if offer is None or offer.price is None:",
        CHECKOUTS,
    ),
    _one(
        "two processes change one order at once",
        "checkout/orders.py",
        "    .with_for_update()\n",
        "",
        ("tests/checkout/test_at_once.py",),
        "postgresql",
    ),
    _one(
        "each call to Stripe has ten seconds of its own",
        "checkout/stripe/client.py",
        "waiting = _WAITING.get() or _Waiting(_CALL_SECONDS)",
        "waiting = _Waiting(_CALL_SECONDS)",
        ("tests/checkout/test_patience.py",),
    ),
)

MUTANTS = (*_MONEY, *_DISCOUNTS, *_ASKED, *_DOORS, *LINKS, *PICTURES)
