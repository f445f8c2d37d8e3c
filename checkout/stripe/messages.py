"""Events as bytes: what can be read of them, and what is left of those that cannot be."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from checkout import news
from checkout.errors import BadEvent
from checkout.stripe.sessions import Name

_NAME = re.compile(r"[!-~]{1,255}")


EventName = Annotated[str, Meta(max_length=255, pattern="^evt_[!-~]+$")]
Kind = Annotated[str, Meta(max_length=255, pattern="^[!-~]+$")]


class Subject(msgspec.Struct):
    """The few things that every object has, and that say whose it is."""

    id: Name = ""
    payment_intent: object = None
    metadata: dict[str, str] | None = None


class EventData(msgspec.Struct):
    """The object as it was when the event was made."""

    object: msgspec.Raw


class StripeMessage(msgspec.Struct):
    """A snapshot event (v1)."""

    id: EventName
    type: Kind
    created: int
    data: EventData
    account: Name | None = None
    livemode: bool = False
    api_version: str | None = None


class Envelope(msgspec.Struct):
    """What makes an event one, whatever else is in it."""

    id: EventName
    type: Kind
    account: object = None


_decode_message = msgspec.json.Decoder(StripeMessage).decode
_decode_subject = msgspec.json.Decoder(Subject).decode
_decode_envelope = msgspec.json.Decoder(Envelope).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read(body: bytes) -> tuple[StripeMessage, Subject]:
    """An event and whom it is about, which those that we do not follow need not say; refuses BadEvent."""
    try:
        message = _decode_message(body)
    except _UNREADABLE:
        raise BadEvent("This is no event.") from None
    try:
        return message, _decode_subject(message.data.object)
    except _UNREADABLE:
        if message.type in news.FOLLOWED:
            raise BadEvent("The object in it has not the documented shape.") from None
        return message, Subject()


def envelope(body: bytes) -> Envelope | None:
    """What says that these bytes are an event, however little else of them can be read; None where they are none."""
    try:
        return _decode_envelope(body)
    except _UNREADABLE:
        return None


def text(value: object) -> str:
    """A name that a database can keep; empty for anything else."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def intent(subject: Subject) -> str | None:
    """The payment that an object names."""
    return text(subject.payment_intent) or None
