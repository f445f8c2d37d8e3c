"""Creators on the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from core.wire import UNSET, DiscountCode, In, Out, Slug, Title, UnsetType
from social.models import Creator

Handle = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$",
        description="The name of the account, without @.",
    ),
]


class CreatorCreate(In, kw_only=True):
    """Somebody who brings buyers. `code` is theirs; what it takes off, a discount with the same code says.

    `network` is where they are at home, and where a buyer with their code came from, as long as no link says otherwise.
    """

    name: Title
    handle: Handle | None = None
    code: DiscountCode | None = None
    network: Slug | None = None


class CreatorChange(In, kw_only=True):
    """New facts; what is absent stays. Orders keep the creator that they have."""

    name: Title | UnsetType = UNSET
    handle: Handle | UnsetType | None = UNSET
    code: DiscountCode | UnsetType | None = UNSET
    network: Slug | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class CreatorOut(Out, kw_only=True, frozen=True):
    """A creator; `code` in capitals."""

    id: str
    name: str
    handle: str | None
    code: str | None
    network: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, creator: Creator) -> "CreatorOut":
        """The creator as the shop sees it."""
        return msgspec.convert(creator, cls, from_attributes=True)
