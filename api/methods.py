"""The methods of an address: what OPTIONS answers, and HEAD wherever GET is."""

from collections.abc import Mapping

from litestar import Litestar
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope


def named(methods: set[str]) -> str:
    """An Allow header; HEAD is answered wherever GET is, by the border."""
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def by_address(app: Litestar) -> Mapping[str, bytes]:
    """The Allow header of each address, by its template."""
    routes = (route for route in app.routes if isinstance(route, HTTPRoute))
    return {route.path_format: named(set(map(str, route.methods))).encode() for route in routes}


async def complete(message: Message, scope: Scope) -> None:
    """The framework answers OPTIONS with the methods of the handler that was registered first; all of them belong."""
    if scope["type"] != ScopeType.HTTP or scope["method"] != "OPTIONS" or message["type"] != "http.response.start":
        return
    state: State = scope["litestar_app"].state
    allow = state.methods.get(scope.get("path_template"))
    if allow is not None and message["status"] < 300:
        others = [(name, value) for name, value in message["headers"] if name.lower() != b"allow"]
        message["headers"] = [*others, (b"allow", allow)]
