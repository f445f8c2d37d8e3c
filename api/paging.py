"""Query parameters of lists.

Litestar drops msgspec's bounds from query parameters (a bounded int takes any number), so they stand here in its words.
"""

from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

PageLimit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=100, description="How many items at most.")]
PageCursor: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$", description="`next_cursor` of the page before."
    ),
]
WordFilter: TypeAlias = Annotated[str | None, QueryParameter(min_length=1, max_length=60)]
LineFilter: TypeAlias = Annotated[str | None, QueryParameter(min_length=1, max_length=500)]
WordsFilter: TypeAlias = Annotated[
    str | None, QueryParameter(min_length=1, max_length=200, description="Words to find, ten at most.")
]
IdFilter: TypeAlias = Annotated[
    str | None, QueryParameter(min_length=5, max_length=64, pattern="^[a-z]{2,8}_[0-9a-z]+$")
]
SlugFilter: TypeAlias = Annotated[
    str | None, QueryParameter(min_length=1, max_length=100, pattern="^[a-z0-9]+(?:-[a-z0-9]+)*$")
]
CodeFilter: TypeAlias = Annotated[
    str | None, QueryParameter(min_length=3, max_length=40, pattern="^[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*$")
]
# Text, because the framework's own conversion takes a bare number for seconds since 1970.
MomentFilter: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        min_length=17,
        max_length=40,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$",
        description="RFC 3339: 2026-11-21T09:30:00Z",
    ),
]
