"""What is kept of user agents, and the list of robots that is run over it again."""

from collections import Counter

import pytest
from sqlmodel import col, select

from core import shops
from core.db import Database
from social.links import families, proof, sorting
from social.links.folder import Folder
from social.links.models import Click, ClickApp, ClickDay, Landing, Link, SecondsDay
from social.links.spool import Spool
from tests.social.links.conftest import NOON, NOW, hit
from tests.social.links.test_landings import SECOND, seen, view
from tests.social.links.test_visitors import ANDROID, IPHONE, PEOPLE

DAY = NOW.date()


@pytest.mark.parametrize("agent", [agent for agent, _ in PEOPLE])
def test_nothing_is_kept_of_peoples_browsers(agent: str) -> None:
    assert families.of(agent.encode()) is None


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        (f"{ANDROID} AcmeReader/7.1.3 (SM-S921B; secret)", "acmereader"),
        ("Mozilla/5.0 (compatible; Newthing/2; +https://new.example) AppleWebKit/537.36 Safari/537.36", "newthing"),
        ("One/1 Two/2 Three/3 Four/4 One/5", "one two three"),
        (f"{IPHONE} {'x' * 39}/1 {'y' * 39}/1 z/1", f"{'x' * 39} {'y' * 24}"),
        ("", None), ("/// (((", None), ("é/1 \x00/2", None),
    ],
)  # fmt: skip
def test_names_that_no_browser_has_are_kept_without_versions_and_devices(agent: str, names: str | None) -> None:
    assert families.of(agent.encode("latin-1")) == names


def test_names_are_judged_as_a_list_knows_them() -> None:
    for names, kind in (
        ("acmereader", "human"),
        ("acmespider", "bot"),
        ("fine slackbot", "preview"),
        ("a b c", "human"),
    ):
        assert families.kind(names) == kind


async def test_who_is_a_robot_by_now_is_taken_out_of_every_sum(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    robot, again = (hit(link, NOON + later, visitor=b"v" * 8, family="acmespider") for later in (0, SECOND))
    ahead, person = hit(link, NOON, "prefetch", family="acmespider"), hit(link, NOON, family="acmereader")
    for each in (robot, again, ahead, person, seen(robot, 20), view(person)):
        spool.append(each)
    await folder.fold_now()
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
    assert await sorting.sort_again(db, DAY, other.id) == Counter()
    assert await sorting.sort_again(db, DAY - proof.DAY) == Counter()
    assert await sorting.sort_again(db, DAY, only_look=True) == Counter(acmespider=3)
    assert await sorting.sort_again(db, DAY, link.shop_id) == Counter(acmespider=3)
    assert await sorting.sort_again(db, DAY) == Counter()
    assert await proof.prove(db, DAY) == []
    async with db.read() as session:
        (day,) = (await session.exec(select(ClickDay))).all()
        (app,) = (await session.exec(select(ClickApp))).all()
        (stays,) = (await session.exec(select(SecondsDay))).all()
        robots = (await session.exec(select(Click).where(col(Click.kind) == "bot"))).all()
        landed = (await session.exec(select(Landing.id))).all()
    assert (day.clicks, day.duplicates, day.prefetches, day.bots, day.landings) == (1, 0, 0, 3, 1)
    assert (app.clicks, app.landings, stays.under_30) == (1, 1, 0)
    assert [(each.duplicate, each.visitor_day) for each in robots] == [(False, None)] * 3
    assert landed == [person.click_id]
