"""`/problems/{slug}`: what a problem type means; every problem document's `type` points here. And the front page."""

from functools import cache

from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.pages import messages, rendering
from api.pages.rendering import Policy
from api.pages.views import Frame, Sheet
from core.errors import NotFound, Refusal

_MAX_AGE = 300


@get("/problems/{slug:str}", operation_id="showProblem", opt={"scope": PUBLIC}, include_in_schema=False)
async def problem(slug: FromPath[str]) -> Response[bytes]:
    """One problem type: its title, its status, and the rest of what its class says."""
    kind = kinds().get(slug)
    if kind is None:
        raise NotFound("There is no such problem.")
    rest = [line.strip() for line in (kind.__doc__ or "").strip().splitlines()[1:]]
    view = Sheet(
        heading=kind.title(),
        sentences=tuple(part for part in " ".join(line or "\n" for line in rest).split("\n") if part.strip()),
        number=f"HTTP {kind.status}",
        facts=(("type", slug), ("status", str(kind.status))),
    )
    return rendering.answer("sheet.html", Frame(messages=messages.ENGLISH), view, _kept())


@get("/", operation_id="showFrontPage", opt={"scope": PUBLIC}, include_in_schema=False)
async def front_page() -> Response[bytes]:
    """What this is, for whoever opens the bare address."""
    view = Sheet(
        heading="A Vitrine API",
        sentences=(
            "Products and pictures in; network-ready visuals, deep links and paid orders out.",
            "The API lives below /v1 and speaks JSON. Send Authorization: Bearer with a key of your shop.",
        ),
        facts=(("API", "/v1"), ("Health", "/livez, /readyz")),
        links=(("Read the documentation", "/docs"),),
    )
    return rendering.answer("sheet.html", Frame(messages=messages.ENGLISH), view, _kept())


@cache
def kinds() -> dict[str, type[Refusal]]:
    """Every kind of refusal in the house by its slug; the topmost class where a subclass shares it."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop(0)
        found.setdefault(kind.slug, kind)
        waiting.extend(kind.__subclasses__())
    return found


def _kept() -> Policy:
    return Policy(private=False, max_age=_MAX_AGE)
