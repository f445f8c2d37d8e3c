"""What most resources have in common: retrieved, listed, deleted by the same few lines."""

from collections.abc import Callable
from typing import TypeVar

from checkout.sandbox import expansion, listing, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import Deleted
from checkout.sandbox.errors import StripeError
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import Wire
from checkout.sandbox.session_parameters import Listing, Params, Retrieval

W = TypeVar("W", bound=Wire)
P = TypeVar("P", bound=Listing)
Operation = Callable[..., bytes]


def unchanged(_: Call, wire: W) -> W:
    """Shown as it is kept."""
    return wire


def retriever(kind: str, shape: type[W], show: Callable[[Call, W], W] = unchanged) -> Operation:
    """`GET /v1/…/{id}`; `show` works out what depends on the moment."""

    def retrieve(call: Call, tree: Tree, identifier: str) -> bytes:
        params = parameters.read(tree, Retrieval)
        return expansion.render(call, show(call, records.get(call, kind, identifier, shape)), params.expand)

    return retrieve


def lister(
    kind: str,
    shape: type[W],
    accepts: type[P],
    narrow: Callable[[records.Query, P], None],
    show: Callable[[Call, W], W] = unchanged,
    path: str = "",
) -> Operation:
    """`GET /v1/…`, newest first, narrowed down by its own parameters."""

    def list_page(call: Call, tree: Tree) -> bytes:
        params = parameters.read(tree, accepts)
        query = records.Query(kind)
        narrow(query, params)
        found, more = listing.page(call, query, params, shape)
        shown = [show(call, each) for each in found]
        return listing.render(call, shown, more, f"/v1/{path or kind + 's'}", params.expand)

    return list_page


def deleter(kind: str, shape: type[W], after: Callable[[Call, W], None]) -> Operation:
    """`DELETE /v1/…/{id}`."""

    def delete(call: Call, tree: Tree, identifier: str) -> bytes:
        parameters.read(tree, Params)
        found = records.get(call, kind, identifier, shape)
        records.remove(call, identifier)
        after(call, found)
        return expansion.render(call, Deleted(id=identifier, object=kind), None)

    return delete


def free(call: Call, kind: str, identifier: str, called: str) -> str:
    """An id that the shop chose; refuses one that is taken."""
    if records.raw(call, (kind,), identifier) is not None:
        raise StripeError(f"{called} already exists.", code="resource_already_exists", param="id")
    return identifier


def flag(value: bool | None) -> int | None:
    """A boolean as SQLite's JSON says it."""
    return None if value is None else int(value)
