"""What handlers ask for by name. A parameter's name and type must both match."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeAlias

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter, SkipValidation

from api.auth import Caller
from api.services import Services
from api.unit import Unit
from core.db import AsyncSession
from core.keys import ApiKey
from core.shops import Shop

HttpRequest: TypeAlias = Request[object, object, State]

DbSession = NamedDependency[SkipValidation[AsyncSession]]
CurrentShop = NamedDependency[SkipValidation[Shop]]
CurrentKey = NamedDependency[SkipValidation[ApiKey]]
CurrentUnit = NamedDependency[SkipValidation[Unit]]
AppServices = NamedDependency[SkipValidation[Services]]
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The ETag that you read.")]


async def session(request: HttpRequest) -> AsyncIterator[AsyncSession]:
    """A reading session for GET; for the rest the request's one transaction, which the unit of work commits."""
    unit: Unit | None = request.scope["state"].get("unit")
    if unit is not None:
        yield await unit.session()
        return
    services: Services = request.app.state.services
    async with services.db.read() as reading:
        yield reading


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.scope["state"]["caller"]
    return caller


def shop(request: HttpRequest) -> Shop:
    """The shop that the key opens."""
    return _caller(request).shop


def key(request: HttpRequest) -> ApiKey:
    """The key that the request came with."""
    return _caller(request).key


def unit(request: HttpRequest) -> Unit:
    """The unit of work of a writing request, for verbs that talk to the outside before they write."""
    found: Unit = request.scope["state"]["unit"]
    return found


def services(request: HttpRequest) -> Services:
    """The process' engines."""
    found: Services = request.app.state.services
    return found


PROVIDERS = {
    "session": Provide(session),
    "shop": Provide(shop, sync_to_thread=False),
    "key": Provide(key, sync_to_thread=False),
    "unit": Provide(unit, sync_to_thread=False),
    "services": Provide(services, sync_to_thread=False),
}
