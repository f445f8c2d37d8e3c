"""PaymentIntents: retrieved as Stripe shows them."""

from checkout.sandbox import expansion, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.forms import Tree
from checkout.sandbox.payment_objects import PaymentIntent
from checkout.sandbox.session_parameters import Retrieval

KIND = "payment_intent"


class IntentRetrieval(Retrieval):
    """What the retrieval of an intent takes."""

    client_secret: str | None = None


def retrieve(call: Call, tree: Tree, intent: str) -> bytes:
    """`GET /v1/payment_intents/{intent}`."""
    params = parameters.read(tree, IntentRetrieval)
    return expansion.render(call, records.get(call, KIND, intent, PaymentIntent, "intent"), params.expand)
