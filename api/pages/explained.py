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
# What to do, where a kind of problem says nothing more of its own.
_ADVICE = {
    400: "It cannot be read as it came: `detail` says where.",
    401: "Send Authorization: Bearer with a key of the shop that is not revoked.",
    403: "The key is known and may not do this: `detail` says what it lacks. Ask with another one.",
    404: "Nothing has this id or address; what belongs to another shop looks exactly the same.",
    405: "The header Allow names the methods that this address takes.",
    409: "Something stands against it just now, and `detail` says what. Read the present state before you try again.",
    410: "It will not come back: do not ask again.",
    412: "Read it again, look whether your change still fits, and send it with the new ETag in If-Match.",
    413: "The member `limit` says how much is taken.",
    415: "Send a content type that the reference names for this address.",
    422: "It was understood, and `detail` says what has to change before it can be done.",
    428: "Read it first, and send the ETag that you got in If-Match.",
    429: "Wait as long as Retry-After says, then send the same again.",
    500: "The mistake is ours, and stands in the log under the answer's `request_id`.",
    503: "Wait as long as Retry-After says, then send the same again, a POST with the same Idempotency-Key.",
}


@get("/problems/{slug:str}", operation_id="showProblem", opt={"scope": PUBLIC}, include_in_schema=False)
async def problem(slug: FromPath[str]) -> Response[bytes]:
    """One problem type: its title, its status, and the rest of what its class says, or what its status asks for."""
    kind = kinds().get(slug)
    if kind is None:
        raise NotFound("There is no such problem.")
    rest = [line.strip() for line in (kind.__doc__ or "").strip().splitlines()[1:]]
    said = tuple(part for part in " ".join(line or "\n" for line in rest).split("\n") if part.strip())
    view = Sheet(
        heading=kind.title(),
        sentences=said or ((_ADVICE[kind.status],) if kind.status in _ADVICE else ()),
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
