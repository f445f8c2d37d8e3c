"""`/livez`, `/readyz` and the document: what operators and tools ask for."""

from litestar import Response, get

from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
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
async def ready(services: AppServices) -> dict[str, str]:
    """The process can work: its database answers. 503 otherwise."""
    await services.db.ping()
    return {"status": "ok", "database": "ok"}
