"""`/livez`, `/readyz` and the document: what operators and tools ask for."""

from litestar import Response, get

from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.readiness import Readiness
from openapi import document


@get("/openapi.json", operation_id="getDocument", opt={"scope": PUBLIC}, include_in_schema=False)
async def describe(request: HttpRequest) -> Response[bytes]:
    """The OpenAPI document of this very version."""
    return Response(document.encode(document.build(request.app)), media_type="application/json")


@get("/livez", operation_id="getLiveness", opt={"scope": PUBLIC}, tags=["Health"])
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@get("/readyz", operation_id="getReadiness", opt={"scope": PUBLIC}, tags=["Health"])
async def ready(services: AppServices) -> Readiness:
    """The process can work: its database answers and its disk has room. 503 otherwise.

    `degraded` is 200 as well: storage, Stripe or a worker is away, and everything goes on that needs none of it.
    """
    return await services.watch.look()
