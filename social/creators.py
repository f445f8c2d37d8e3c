"""Creators: make, find, list, change, put away. Orders know whose link, or whose code, brought them."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import clock, db, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET, UnsetType
from social.errors import CreatorCodeTaken, CreatorNotFound, UnknownNetwork
from social.links import strangers
from social.models import Creator

if TYPE_CHECKING:
    from social.creator_schemas import CreatorChange, CreatorCreate


async def create(session: AsyncSession, shop: Shop, data: "CreatorCreate") -> Creator:
    """Add a creator; refuses CreatorCodeTaken and UnknownNetwork."""
    _check(data.network)
    now = clock.now()
    creator = Creator(
        id=ids.new("creator"),
        shop_id=shop.id,
        name=data.name,
        handle=data.handle,
        code=_normal(data.code),
        network=data.network,
        created_at=now,
        updated_at=now,
    )
    await _save(session, creator, {})
    return creator


async def get(session: AsyncSession, shop: Shop, creator_id: str) -> Creator:
    """The creator with this id, archived ones too; refuses CreatorNotFound, also for another shop's."""
    return _known((await session.exec(_chosen(shop, creator_id))).first())


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[Creator], str | None]:
    """One page of the shop's creators, newest first, archived ones left out, and the next page's cursor."""
    chosen = select(Creator).where(Creator.shop_id == shop.id, col(Creator.archived_at).is_(None))
    return await db.page(session, chosen, Creator.id, limit, cursor)


async def change(
    session: AsyncSession, shop: Shop, creator_id: str, data: "CreatorChange", version: int | None
) -> Creator:
    """Change what `data` names; orders keep what they know. `archived=False` brings a creator back.

    Refuses CreatorNotFound, PreconditionFailed, CreatorCodeTaken and UnknownNetwork.
    """
    _check(data.network)
    creator = await _lock(session, shop, creator_id)
    expect(creator.version, version)
    named = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if "code" in named:
        named["code"] = _normal(named["code"])
    if (away := named.pop("archived", None)) is not None:
        named["archived_at"] = (creator.archived_at or clock.now()) if away else None
    await _touch(session, creator, named)
    return creator


async def archive(session: AsyncSession, shop: Shop, creator_id: str) -> None:
    """Put a creator away: no new link names them, and their code is nobody's; doing it twice is doing it once.

    Refuses CreatorNotFound.
    """
    creator = await _lock(session, shop, creator_id)
    if creator.archived_at is None:
        await _touch(session, creator, {"archived_at": clock.now()})


async def of_codes(session: AsyncSession, shop: Shop, codes: Collection[str]) -> str | None:
    """The id of the creator whose code is one of these, which are in capitals; None where it is nobody's."""
    if not codes:
        return None
    owner = select(Creator.id).where(
        Creator.shop_id == shop.id, col(Creator.code).in_(codes), col(Creator.archived_at).is_(None)
    )
    return (await session.exec(owner.order_by(Creator.id))).first()


async def home_of_code(session: AsyncSession, shop: Shop, code: str) -> str | None:
    """The network where the creator of this code, which is in capitals, is at home; None where nobody says so."""
    home = select(Creator.network).where(
        Creator.shop_id == shop.id, Creator.code == code, col(Creator.archived_at).is_(None)
    )
    return (await session.exec(home)).first()


def _check(slug: str | UnsetType | None) -> None:
    """A home may be any network whose visitors we know, also where we publish nothing."""
    known = [network for network, _ in strangers.rules()]
    if isinstance(slug, str) and slug not in known:
        raise UnknownNetwork(f"There is no network {slug!r}; there are {', '.join(known)}.", network=slug, known=known)


def _normal(code: str | None) -> str | None:
    return code.upper() if code is not None else None


def _chosen(shop: Shop, creator_id: str) -> SelectOfScalar[Creator]:
    return select(Creator).where(Creator.shop_id == shop.id, Creator.id == creator_id)


async def _lock(session: AsyncSession, shop: Shop, creator_id: str) -> Creator:
    chosen = _chosen(shop, creator_id).with_for_update().execution_options(populate_existing=True)
    return _known((await session.exec(chosen)).first())


def _known(creator: Creator | None) -> Creator:
    if creator is None:
        raise CreatorNotFound
    return creator


async def _touch(session: AsyncSession, creator: Creator, named: Mapping[str, object]) -> None:
    await _save(session, creator, {**named, "version": creator.version + 1, "updated_at": clock.now()})


async def _save(session: AsyncSession, creator: Creator, named: Mapping[str, object]) -> None:
    try:
        async with session.begin_nested():
            for name, value in named.items():
                setattr(creator, name, value)
            session.add(creator)
            await session.flush()
    except IntegrityError:
        raise CreatorCodeTaken("Another creator has this code, perhaps an archived one.") from None
