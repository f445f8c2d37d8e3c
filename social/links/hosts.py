"""Other sites that links may lead to: those that a shop has proved to run, and no others, however an address is spelt.

The proof is a line of text that the host shows at `/.well-known/vitrine.txt`; looked at by a job, so that no request
waits for a stranger. Redirects are not followed: who only forwards to somebody else proves nothing.
"""

import re
import secrets

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import col, func, select

from core import clock, db, ids, jobs
from core.db import AsyncSession, Database
from core.jobs import Resources, job
from core.outbound import Outbound, Unreachable
from core.settings import Settings
from core.shops import Shop
from social.links import revisions
from social.links.errors import BadLinkAddress, LinkHostNotFound, LinkHostTaken, TooManyLinkHosts
from social.links.models import Link, LinkHost

WELL_KNOWN = "/.well-known/vitrine.txt"
MOST = 20
_KEPT_BYTES = 16 * 1024
# RFC 3986 without user, fragment, brackets and upper case in the host: whatever any parser could take for another host.
_ADDRESS = re.compile(
    r"https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9][0-9]{0,4})?)"
    r"(?P<path>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
    r"(?P<query>\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)


class Proving(Struct):
    """Which host to look at."""

    shop_id: str
    host_id: str


async def create(session: AsyncSession, shop: Shop, host: str, outbound: Outbound) -> LinkHost:
    """Add a host and look whether it shows the proof; it counts once it does.

    Refuses ForbiddenAddress, LinkHostTaken, TooManyLinkHosts.
    """
    outbound.check(_proof_url(host))
    mine = select(func.count()).where(LinkHost.shop_id == shop.id)
    if (await session.exec(mine.where(LinkHost.host == host))).one():
        raise LinkHostTaken(f"{host} is on the list already.", host=host)
    if (await session.exec(mine)).one() >= MOST:
        raise TooManyLinkHosts(f"A shop has at most {MOST}.", limit=MOST)
    found = LinkHost(
        id=ids.new("host"),
        shop_id=shop.id,
        host=host,
        proof=f"vitrine-{secrets.token_urlsafe(24)}",
        created_at=clock.now(),
    )
    session.add(found)
    await session.flush()
    return await look(session, found)


async def get(session: AsyncSession, shop: Shop, host_id: str) -> LinkHost:
    """One host; refuses LinkHostNotFound, also for another shop's."""
    found = (await session.exec(select(LinkHost).where(LinkHost.shop_id == shop.id, LinkHost.id == host_id))).first()
    if found is None:
        raise LinkHostNotFound
    return found


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[LinkHost], str | None]:
    """One page of the shop's hosts, newest first, and the next page's cursor."""
    return await db.page(session, select(LinkHost).where(LinkHost.shop_id == shop.id), LinkHost.id, limit, cursor)


async def look(session: AsyncSession, host: LinkHost) -> LinkHost:
    """Have the host looked at soon."""
    wanted = Proving(shop_id=host.shop_id, host_id=host.id)
    await jobs.enqueue(session, prove, wanted, shop_id=host.shop_id, key=f"link-host:{host.id}")
    return host


async def remove(session: AsyncSession, shop: Shop, host_id: str) -> None:
    """Take a host off the list: links that led there lead to their landing pages. Refuses LinkHostNotFound."""
    await session.delete(await get(session, shop, host_id))
    await _changed(session, shop.id)


async def _changed(session: AsyncSession, shop_id: str) -> None:
    """Links of the shop that lead to other sites lead elsewhere from now on."""
    leaving = sa.update(Link).where(col(Link.shop_id) == shop_id, col(Link.leaves))
    await session.exec(leaving.values(version=Link.version + 1))
    await revisions.rise(session, shop_id)


async def verified(session: AsyncSession, shop_id: str) -> frozenset[str]:
    """The hosts that links of this shop may lead to."""
    chosen = select(LinkHost.host).where(LinkHost.shop_id == shop_id, col(LinkHost.verified_at).is_not(None))
    return frozenset((await session.exec(chosen)).all())


def host_of(url: str) -> str:
    """The host, and the port where one is named; refuses BadLinkAddress for what could be read in two ways."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise BadLinkAddress("Write https://host/path?query: no user, no fragment, all else escaped.", url=url[:200])
    return found["host"]


def with_path(url: str) -> str:
    """A sound address with a path, so that a query can follow."""
    found = _ADDRESS.fullmatch(url)
    return url if found is None or found["path"] else f"https://{found['host']}/{found['query'] or ''}"


def proof_address(host: LinkHost) -> str:
    """Where the proof has to stand."""
    return _proof_url(host.host)


def _proof_url(host: str, *, loopback: bool = False) -> str:
    scheme = "http" if loopback and host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
    return f"{scheme}://{host}{WELL_KNOWN}"


@job("social.prove_link_host", Proving, patient=True)
async def prove(resources: Resources, payload: Proving) -> None:
    """Look whether a host shows its proof, as a line of its own. What was proved once stays so."""
    database, settings = resources.get(Database), resources.get(Settings)
    async with database.read() as session:
        known = await session.get(LinkHost, payload.host_id)
        if known is None or known.shop_id != payload.shop_id:
            return
        host, proof = known.host, known.proof
    failure = await _missing(resources.get(Outbound), _proof_url(host, loopback=settings.outbound_loopback), proof)
    async with database.transaction() as session:
        found = (await session.exec(select(LinkHost).where(LinkHost.id == payload.host_id).with_for_update())).first()
        if found is not None:
            found.failure = failure
            if failure is None and found.verified_at is None:
                found.verified_at = resources.now()
                await _changed(session, found.shop_id)


async def _missing(outbound: Outbound, url: str, proof: str) -> str | None:
    """What there is instead of the proof, in a word; None where it is there."""
    try:
        reply = await outbound.get(url, {"User-Agent": "Vitrine"}, keep=_KEPT_BYTES)
    except Unreachable as error:
        return error.reason
    if reply.status != 200:
        return f"status_{reply.status}"
    lines = reply.body.decode("utf-8", "replace").splitlines()
    return None if proof in (line.strip() for line in lines) else "no_proof"
