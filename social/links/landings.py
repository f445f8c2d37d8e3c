"""Landing views: pages that people were shown by the token of their tap, each tap once.

A view goes the way of a hit: into the spool before the page leaves, and from there into the database in batches. It is
counted in the hour of its tap, so that taps and views of one hour can be compared.
"""

from collections.abc import Sequence

from sqlmodel import col, select

from core.db import AsyncSession
from social.links.duplicates import DUPLICATE_MS, first_id
from social.links.models import Click, Landing
from social.links.spool import Hit, Spool
from social.links.token import Click as Token
from social.links.visitors import Visit


class Landings:
    """Where this process writes down who has landed."""

    def __init__(self) -> None:
        self._spool: Spool | None = None

    def use(self, spool: Spool) -> None:
        """Write into this spool from now on; before, views are not counted."""
        self._spool = spool

    def note(self, tap: Token, visit: Visit, at_ms: int) -> bool:
        """A page was shown by the token of this tap; whether that counts: people do, and programs do not."""
        if self._spool is None or visit.kind != "human":
            return False
        view = Hit(
            tap.click_id, tap.link_number, tap.variant, "human", visit.device, in_app=visit.in_app, landed_at_ms=at_ms
        )
        return self._spool.append(view)


async def of_taps(session: AsyncSession, views: Sequence[Hit]) -> dict[bytes, Hit]:
    """The views that are new, by the id of the counted tap that each belongs to.

    The view of an impatient second tap belongs to the first one, so that there are never more views than taps. A tap
    that is not in the database is on its way, or was lost: its view counts.
    """
    ids = [each.click_id for each in views]
    taps = {tap.id: tap for tap in await session.exec(select(Click).where(col(Click.id).in_(ids)))}
    found: dict[bytes, Hit] = {}
    for view in views:
        click_id: bytes | None = view.click_id
        if tap := taps.get(view.click_id):
            click_id = await _counted(session, tap)
        if click_id is not None:
            found.setdefault(click_id, view)
    stored = set(await session.exec(select(Landing.id).where(col(Landing.id).in_(list(found)))))
    return {click_id: view for click_id, view in sorted(found.items()) if click_id not in stored}


async def _counted(session: AsyncSession, tap: Click) -> bytes | None:
    """The id of the tap as it is counted: its own, or that of the one before which made it a duplicate."""
    if not tap.duplicate:
        return tap.id if tap.kind == "human" else None
    chosen = select(Click.id).where(
        col(Click.id) >= first_id(tap.at_ms - DUPLICATE_MS),
        col(Click.id) < first_id(tap.at_ms + DUPLICATE_MS),
        Click.visitor_day == tap.visitor_day,
        Click.link_number == tap.link_number,
        col(Click.kind) == "human",
        col(Click.duplicate).is_(False),
    )
    return (await session.exec(chosen.order_by(col(Click.id).desc()).limit(1))).first()
