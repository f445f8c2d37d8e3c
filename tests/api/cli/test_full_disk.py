"""A disk that takes no more bytes costs clicks, which are counted as lost, and never a redirect."""

import re
import resource
from base64 import urlsafe_b64decode
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select

from catalog import products
from catalog.schemas import ProductCreate
from core.db import Database
from core.shops import Shop
from social.links import links
from social.links.models import Click
from social.links.schemas import LinkCreate
from tests import linux
from tests.api.cli.processes import has_ended
from tests.api.cli.test_killed_taps import AGENT, PATIENCE, running

TOKEN = re.compile(r"[?&]sl=([\w-]{51})")


def tap(port: int, slug: str, people: range) -> list[bytes]:
    """The ids of the clicks that these people were answered."""
    found = []
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as http:
        for each in people:
            answer = http.get(f"/l/{slug}", headers={"user-agent": AGENT.format(each)}, follow_redirects=False)
            assert answer.status_code == 302, answer.text
            token = TOKEN.search(answer.headers["location"])
            assert token is not None
            found.append(urlsafe_b64decode(token[1] + "=")[:16])
    return found


def ready(port: int) -> dict[str, object]:
    """What the server says of itself, ready or not."""
    answer: dict[str, object] = httpx2.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=10).json()
    return answer


@linux.only("prlimit, which fills up the disk of another process")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_full_disk_drops_clicks_and_never_a_redirect(
    db: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase Lune"))
        link = await links.create(session, shop, LinkCreate(product_id=product.id))
    with running(database_url, tmp_path) as (port, (server, worker)):
        before = tap(port, link.slug, range(20))
        assert ready(port)["clicks"] == "ok"
        (segment,) = tmp_path.glob("spool*/*.hits")
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        # From here on the server can write no file beyond this size: its disk is full, in the middle of a frame.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (segment.stat().st_size + 20, hard))
        lost = tap(port, link.slug, range(20, 50))
        told = ready(port)
        assert (told["status"], told["clicks"], told["dropped_clicks"]) == ("degraded", "dropping", 30)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        after = tap(port, link.slug, range(50, 70))
        assert ready(port)["dropped_clicks"] == 30
        server.terminate()
        server.wait(PATIENCE)
        for _ in range(PATIENCE * 10):
            if not list(tmp_path.glob("spool*/*.hits")):
                break
            assert not has_ended(worker, within=0.1)
    async with db.read() as session:
        stored = set(await session.exec(select(Click.id)))
    assert stored == {*before, *after}
    assert not stored & set(lost)
