"""Events as bytes: what can be read of them, and what is left of those that cannot be."""

import re

import msgspec

from checkout import news
from checkout.errors import BadEvent
from checkout.stripe.sessions import Name

_NAME = re.compile(r"[!-~]{1,255}")


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

    id: Name
    type: Name
    created: int
    data: EventData
    account: Name | None = None
    livemode: bool = False
    api_version: str | None = None


class Loose(msgspec.Struct):
    """What is left of an event that is none: any of it may be anything."""

    id: object = None
    type: object = None
    account: object = None


_decode_message = msgspec.json.Decoder(StripeMessage).decode
_decode_subject = msgspec.json.Decoder(Subject).decode
_decode_loose = msgspec.json.Decoder(Loose).decode
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


def loosely(body: bytes) -> Loose:
    """Whatever can be read of bytes that are no event."""
    try:
        return _decode_loose(body)
    except _UNREADABLE:
        return Loose()


def text(value: object) -> str:
    """A name that a database can keep; empty for anything else."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def intent(subject: Subject) -> str | None:
    """The payment that an object names."""
    return text(subject.payment_intent) or None
