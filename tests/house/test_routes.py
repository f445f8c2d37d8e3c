"""Every route says who may call it and what it is called, in the one style of the document."""

import re
from collections.abc import Iterator

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.app import build_framework
from core.keys import SCOPES

CAMEL_CASE = re.compile(r"^[a-z]+(?:[A-Z][a-z]*)*$")


@pytest.fixture(scope="module")
def routes() -> list[tuple[str, HTTPRouteHandler]]:
    """Path and handler of every route below /v1."""
    return list(_routes())


def _routes() -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in build_framework().routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1"):
            for handler in route.route_handlers:
                if set(handler.http_methods) != {"OPTIONS"}:
                    yield f"{sorted(handler.http_methods)} {route.path}", handler


def test_every_route_names_its_scope(routes: list[tuple[str, HTTPRouteHandler]]) -> None:
    found = [where for where, handler in routes if handler.opt.get("scope") not in {*SCOPES, "public"}]
    assert found == [], "a route without a scope would be open to every key"


def test_every_route_has_an_operation_id_of_its_own(routes: list[tuple[str, HTTPRouteHandler]]) -> None:
    names = [str(handler.operation_id) for _, handler in routes]
    assert [name for name in names if not CAMEL_CASE.match(name)] == []
    assert len(set(names)) == len(names)


def test_every_route_says_what_it_is_for(routes: list[tuple[str, HTTPRouteHandler]]) -> None:
    assert [where for where, handler in routes if not (handler.fn.__doc__ or "").strip()] == []
