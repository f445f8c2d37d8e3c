"""What clients get to know before a post goes out."""

import msgspec

from core.wire import Out
from social.network_schemas import SourceOut
from social.rule import Finding, Measure, Severity


class FindingOut(Out, kw_only=True, frozen=True):
    """A rule that the post breaks; `field` is a JSON Pointer into the post, as `GET /v1/posts/{id}` shows it.

    An error keeps the post from being published or bought from; a warning does not. `limit` and `actual` are in the
    unit that the message names. `source` is where the network says so, null where it is the shop's own affair.
    """

    rule: str
    severity: Severity
    field: str
    message: str
    limit: Measure | None
    actual: Measure | None
    source: SourceOut | None

    @classmethod
    def of(cls, finding: Finding) -> "FindingOut":
        """The finding as it is."""
        return msgspec.convert(finding, cls, from_attributes=True)


class PreflightOut(Out, kw_only=True, frozen=True):
    """Everything that is the matter with a post, errors first; `ok` when there is no error."""

    post_id: str
    ok: bool
    findings: list[FindingOut]
