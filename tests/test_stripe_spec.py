"""The judge itself: it must find what is wrong, or its silence means nothing."""

import pytest

from tests.stripe_judge import Judge
from tests.stripe_spec import spec

SESSIONS = "/v1/checkout/sessions"


@pytest.mark.parametrize(
    ("form", "found"),
    [
        (
            b"mode=payment&line_items[0][price_data][product_data][nmae]=x",
            "line_items[0][price_data][product_data][nmae]",
        ),
        (b"payment_method_types[0]=card", "payment_method_types: unknown"),
        (b"line_items[0][quantity]=two", "line_items[0][quantity]: 'two' is no integer"),
        (b"automatic_tax[enabled]=yes", "automatic_tax[enabled]: 'yes' is no boolean"),
        (b"metadata=x", "metadata: "),
        (b"client_reference_id=" + b"x" * 201, "client_reference_id: longer than 200"),
        (b"submit_type=sell", "submit_type: 'sell' is none of"),
        (b"line_items=x", "line_items: no array"),
    ],
)
def test_a_request_that_stripe_would_refuse_is_found(form: bytes, found: str) -> None:
    assert any(wrong.startswith(found) for wrong in spec().request("POST", SESSIONS, form))


def test_what_the_newer_version_brought_is_known() -> None:
    assert spec().request("POST", SESSIONS, b"allowed_payment_method_types[0]=card&ui_mode=form") == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"amount": "1"}', "amount: '1' is no integer"),
        (b'{"amount": true}', "amount: True is no integer"),
        (b'{"currency": null}', "currency: null"),
        (b'{"colour": 1}', "colour: unknown"),
        (b"{}", ".created: absent"),
        (b'{"reason": "whim"}', ""),
        (b'{"charge": {"object": "dispute"}}', "charge: "),
    ],
)
def test_an_answer_of_another_shape_is_found(body: bytes, found: str) -> None:
    assert any(wrong.startswith(found) for wrong in spec().answer("GET", "/v1/refunds/re_1", 200, body))


def test_an_event_that_stripe_does_not_have_is_found() -> None:
    body = b'{"type": "order.paid", "data": {"object": {"object": "charge"}}}'
    found = spec().event(body)
    assert "type: order.paid is no event of Stripe's" in found
    assert "data.object.amount: absent" in found


def test_a_guilty_judge_says_everything() -> None:
    judge = Judge(strict=True)
    judge.found += ["one", "two", "one"]
    with pytest.raises(AssertionError, match="one\ntwo"):
        judge.acquit()
