"""Search: Stripe's query language over objects that are old enough to have been indexed."""

import re
from collections.abc import Callable

import msgspec

from checkout.sandbox import expansion, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import Wire
from checkout.sandbox.session_parameters import Limit, Params

# Stripe's index is up to a minute behind (docs.stripe.com/search#data-freshness): never read what was just written.
DELAY = 60
CLAUSE = re.compile(
    r"""\s*(-)?(?:metadata\[["'](?P<key>[^"']+)["']\]|(?P<field>[a-z_.]+))\s*(?P<sign>:|~|>=|<=|>|<|=)\s*"""
    r"""(?:["'](?P<text>[^"']*)["']|(?P<number>-?[0-9.]+|null))\s*"""
)
SIGNS = {":": "=", "=": "=", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


class SearchParams(Params):
    """What every search takes."""

    query: str
    expand: list[str] | None = None
    limit: Limit = 10
    page: str | None = None


class SearchResult(Wire, kw_only=True):
    """One page of what was found."""

    object: str = "search_result"
    data: list[msgspec.Raw]
    has_more: bool
    next_page: str | None
    url: str


def searcher(kind: str, shape: type[Wire]) -> Callable[..., bytes]:
    """`GET /v1/…/search`."""
    url = f"/v1/{kind}s/search"

    def search(call: Call, tree: Tree) -> bytes:
        params = parameters.read(tree, SearchParams)
        query = records.Query(kind)
        _narrow(query, params.query)
        query.where("created <= ?", call.now - DELAY)
        found, more = records.newest(call, query, shape, params.limit, after=params.page)
        data = [msgspec.Raw(msgspec.json.encode(each)) for each in found]
        last = getattr(found[-1], "id", None) if found and more else None
        return expansion.render(call, SearchResult(data=data, has_more=more, next_page=last, url=url), params.expand)

    return search


def _narrow(query: records.Query, text: str) -> None:
    """Clauses joined by AND, or all by OR; Stripe mixes them no more than this."""
    joints = {word.upper() for word in re.findall(r"\s(and|or)\s", _bare(text), re.IGNORECASE)}
    if len(joints) > 1:
        raise parameter("We were unable to parse your search query: AND and OR cannot be mixed.", "query")
    terms, values, rest = [], [], text
    while rest:
        clause = CLAUSE.match(rest)
        if clause is None:
            raise parameter(f"We were unable to parse your search query at {rest[:40]!r}.", "query")
        term, value = _term(clause)
        terms.append(f"NOT coalesce({term}, 0)" if clause[1] else term)
        values += value
        rest = re.sub(r"^(and|or)\s", "", rest[clause.end() :].lstrip(), flags=re.IGNORECASE)
    query.terms.append(f"({f' {joints.pop()} '.join(terms)})" if joints else "(" + " AND ".join(terms) + ")")
    query.values += values


def _term(clause: re.Match[str]) -> tuple[str, list[str | int]]:
    path = f"$.metadata.{_quoted(clause['key'])}" if clause["key"] else f"$.{clause['field']}"
    if clause["number"] == "null":
        return "json_extract(body, ?) IS NULL", [path]
    value = clause["text"] if clause["number"] is None else float(clause["number"])
    if clause["sign"] == "~":
        return "instr(lower(json_extract(body, ?)), lower(?)) > 0", [path, str(value)]
    comparison = "" if isinstance(value, str) else "0 + "
    sign = SIGNS[clause["sign"]]
    return f"{comparison}json_extract(body, ?) {sign} {comparison}?", [path, str(value)]


def _quoted(key: str) -> str:
    if '"' in key:
        raise StripeError("Metadata keys with quotation marks cannot be searched.", param="query")
    return f'"{key}"'


def _bare(text: str) -> str:
    """Without what stands in quotation marks."""
    return re.sub(r"""(["']).*?\1""", "", text)
