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


# Each of these takes the one before, needed or not: what could be found side by side, Litestar finds in a group of
# tasks, and that costs more than all of them (0.1 ms of CPU a task).


def services(request: HttpRequest) -> Services:
    """The process' engines."""
    found: Services = request.app.state.services
    return found


def shop(request: HttpRequest, services: AppServices) -> Shop | None:  # noqa: ARG001  # The chain.
    """The shop that the key opens; nobody's on a public route."""
    caller: Caller | None = request.scope["state"].get("caller")
    return caller.shop if caller else None


def key(request: HttpRequest, shop: CurrentShop) -> ApiKey | None:  # noqa: ARG001  # The chain.
    """The key that the request came with."""
    caller: Caller | None = request.scope["state"].get("caller")
    return caller.key if caller else None


def unit(request: HttpRequest, key: CurrentKey) -> Unit | None:  # noqa: ARG001  # The chain.
    """The unit of work of a writing request, for verbs that talk to the outside before they write."""
    found: Unit | None = request.scope["state"].get("unit")
    return found


async def session(
    unit: NamedDependency[SkipValidation[Unit | None]], services: AppServices
) -> AsyncIterator[AsyncSession]:
    """A reading session for GET; for the rest the request's one transaction, which the unit of work commits.

    Pages that every tap leads to glance for themselves: to be given a session costs more than to open it.
    """
    if unit is not None:
        yield await unit.session()
        return
    async with services.db.read() as reading:
        yield reading


PROVIDERS = {
    "services": Provide(services, sync_to_thread=False),
    "shop": Provide(shop, sync_to_thread=False),
    "key": Provide(key, sync_to_thread=False),
    "unit": Provide(unit, sync_to_thread=False),
    "session": Provide(session),
}
