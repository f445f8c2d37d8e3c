"""Refusals: what a verb raises when it will not do what was asked, with the facts that explain it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

Fact = str | int | float | bool | None | Sequence["Fact"] | Mapping[str, "Fact"]


class Refusal(Exception):
    """The request was refused.

    `passes` where it says nothing about the request itself: the very same one may fare better a moment later.
    """

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    passes: ClassVar[bool] = False

    def __init__(self, detail: str = "", **facts: Fact) -> None:
        self.detail = detail or f"{self.title()}."
        super().__init__(self.detail)
        self.facts = facts

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring without its full stop."""
        return (cls.__doc__ or "").strip().splitlines()[0].rstrip(".")


class BadRequest(Refusal):
    """The request cannot be understood."""

    slug = "bad-request"


class Unauthorized(Refusal):
    """A valid API key is needed."""

    slug = "unauthorized"
    status = 401


class Forbidden(Refusal):
    """This API key may not do that."""

    slug = "forbidden"
    status = 403


class NotFound(Refusal):
    """There is nothing here.

    `guessed` where that is so; an address that is true, and has nothing to show now, was not made up by whoever asks.
    """

    slug = "not-found"
    status = 404
    guessed: bool = True

    def of_a_true_address(self) -> Self:
        """The same refusal, word for word, of something that strangers do not get to see."""
        self.guessed = False
        return self


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    slug = "method-not-allowed"
    status = 405


class Conflict(Refusal):
    """The request conflicts with the present state."""

    slug = "conflict"
    status = 409


class Gone(Refusal):
    """What was here is gone for good."""

    slug = "gone"
    status = 410


class PreconditionFailed(Refusal):
    """Somebody else has changed this since you read it."""

    slug = "precondition-failed"
    status = 412


class TooLarge(Refusal):
    """The request is larger than allowed."""

    slug = "too-large"
    status = 413


class UnsupportedMedia(Refusal):
    """This content type is not accepted here."""

    slug = "unsupported-media-type"
    status = 415


class Invalid(Refusal):
    """The request was understood and cannot be carried out as written."""

    slug = "invalid"
    status = 422


class PreconditionRequired(Refusal):
    """Say which version you are changing with If-Match."""

    slug = "precondition-required"
    status = 428


class TooManyRequests(Refusal):
    """Too many requests; try again a little later."""

    slug = "too-many-requests"
    status = 429

    def __init__(self, detail: str = "", *, retry_after: int = 1, **facts: Fact) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """A part that this needs is away; try again a little later."""

    slug = "unavailable"
    status = 503

    def __init__(self, detail: str = "", *, retry_after: int = 5, **facts: Fact) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


def expect(version: int, wanted: int | None) -> None:
    """Refuses PreconditionFailed unless the row still has the version that the client read; None wants any."""
    if wanted is not None and version != wanted:
        raise PreconditionFailed("Read it again and repeat your change.", version=version)
