"""Errors as pages: a person's browser gets HTML outside of /v1, everything else the problem document."""

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from api import limits, problems
from api.pages import frames, rendering
from api.pages.frames import Browser
from api.pages.messages import Messages
from api.pages.rendering import Policy
from api.pages.views import Sheet
from core.errors import Refusal
from social.links.errors import LinkNotFound, MalformedPermalink, UnknownShopOfLink


def answer(request: Request[object, object, State], error: Exception) -> Response[bytes]:
    """The answer to an error, in the form that whoever asked can read."""
    limits.excuse(request.scope, error)
    if not wants_html(request):
        return problems.answer(request, error)
    refusal = problems.of(error)
    browser = Browser(accept_language=request.headers.get("accept-language", ""))
    frame = frames.of_nobody(browser, request.query_params)
    view = sheet(refusal, frame.messages, str(request.scope["state"].get("request_id", "")))
    extra = problems.headers(refusal) | problems.allowed(error)
    return rendering.answer("sheet.html", frame, view, Policy(), status=refusal.status, headers=extra)


def sheet(refusal: Refusal, texts: Messages, request_id: str = "") -> Sheet:
    """What a person is told about a refusal: never what went wrong inside, only how to ask about it."""
    heading, sentence = _words(refusal, texts)
    return Sheet(
        heading=heading,
        sentences=(sentence,),
        number=str(refusal.status),
        reference=texts.reference.format(request_id=request_id) if request_id else "",
    )


def wants_html(request: Request[object, object, State]) -> bool:
    """Whether this is a browser that shows a page, outside of the API."""
    path = request.url.path
    return path != "/v1" and not path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def _words(refusal: Refusal, texts: Messages) -> tuple[str, str]:
    if isinstance(refusal, LinkNotFound | MalformedPermalink | UnknownShopOfLink):
        return texts.not_found_title, texts.link_not_found
    if refusal.slug == "foreign-form":
        return texts.refused_title, texts.foreign
    if refusal.status in (404, 410):
        return texts.not_found_title, texts.not_found
    if refusal.status in (429, 503):
        return texts.away_title, texts.away
    if refusal.status >= 500:
        return texts.error_title, texts.error
    return texts.refused_title, texts.refused


HANDLERS: ExceptionHandlersMap = {Refusal: answer, HTTPException: answer, Exception: answer}
