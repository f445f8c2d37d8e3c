"""Templates on the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from core.wire import UNSET, In, Line, Out, Slug, Title, UnsetType
from media.looks.design import Design
from media.looks.layout import Template
from media.models import ShopTemplate

Description = Annotated[Line, Meta(description="What it is for, in a line.")]


class TemplateCreate(In, kw_only=True):
    """A look of the shop's own, to be named by its `slug` wherever a built-in one can be."""

    slug: Slug
    name: Title
    description: Description = ""
    design: Design


class TemplateChange(In, kw_only=True):
    """What may be changed about a shop's own template; what is absent stays. Visuals made before stay as they are."""

    name: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    design: Design | UnsetType = UNSET


class TemplateOut(Out, kw_only=True, frozen=True):
    """A look that visuals can have. `version` goes up with every change of what it draws.

    Templates of the shop's own have an `id`.
    """

    id: str | None
    slug: str
    name: str
    description: str
    version: int

    @classmethod
    def of(cls, template: Template) -> "TemplateOut":
        """The template without its code."""
        return msgspec.convert(template, cls, from_attributes=True)


class ShopTemplateOut(Out, kw_only=True, frozen=True):
    """A template of the shop's own. `version` goes up with every change of its design, and with no other."""

    id: str
    slug: str
    name: str
    description: str
    version: int
    design: Design
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ShopTemplate) -> "ShopTemplateOut":
        """The template with all its layers."""
        return cls(
            id=row.id,
            slug=row.slug,
            name=row.name,
            description=row.description,
            version=row.design_version,
            design=msgspec.convert(row.design, Design),
            archived_at=row.archived_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
