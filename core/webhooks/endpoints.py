"""Who hears of events: a merchant's addresses, each with a secret of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, func, select

from core import clock, db, ids
from core.db import AsyncSession
from core.errors import Gone, expect
from core.outbound import Outbound
from core.secrets import Vault
from core.shops import Shop
from core.webhooks import deliveries, published, queue, signing
from core.webhooks.errors import TooManyWebhookEndpoints, UnknownEventType, WebhookEndpointNotFound
from core.webhooks.models import WebhookEndpoint
from core.webhooks.schemas import (
    EVERYTHING,
    MAX_ENDPOINTS,
    SecretRotation,
    WebhookEndpointChange,
    WebhookEndpointCreate,
)
from core.wire import UNSET


async def create(
    session: AsyncSession, shop: Shop, data: WebhookEndpointCreate, vault: Vault, outbound: Outbound
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once.

    Refuses ForbiddenAddress, UnknownEventType and TooManyWebhookEndpoints.
    """
    outbound.check(data.url)
    living = select(func.count()).where(WebhookEndpoint.shop_id == shop.id, col(WebhookEndpoint.archived_at).is_(None))
    if (await session.exec(living)).one() >= MAX_ENDPOINTS:
        raise TooManyWebhookEndpoints(f"A shop has at most {MAX_ENDPOINTS}.", limit=MAX_ENDPOINTS)
    now, secret = clock.now(), signing.new_secret()
    endpoint = WebhookEndpoint(
        id=ids.new("hook"), shop_id=shop.id, url=data.url, description=data.description,
        event_types=_known(data.event_types), secret_sealed=vault.seal(secret.encode()), created_at=now,
        updated_at=now,
    )  # fmt: skip
    session.add(endpoint)
    await session.flush()
    return endpoint, secret


def _known(wanted: Sequence[str]) -> list[str]:
    """The types in order, each once; refuses UnknownEventType."""
    known = [each.name for each in published.every()]
    for name in wanted:
        if name != EVERYTHING and name not in known:
            raise UnknownEventType(f"No event is called {name!r}.", event_type=name, known=known)
    return sorted(set(wanted))


async def get(session: AsyncSession, shop: Shop, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint, archived ones too; refuses WebhookEndpointNotFound."""
    endpoint = await session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None or endpoint.shop_id != shop.id:
        raise WebhookEndpointNotFound
    return endpoint


async def lock(session: AsyncSession, shop: Shop, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint, fresh, and locked until the transaction ends.

    Refuses WebhookEndpointNotFound, and Gone when it is archived.
    """
    endpoint = await queue.lock(session, endpoint_id)
    if endpoint is None or endpoint.shop_id != shop.id:
        raise WebhookEndpointNotFound
    if endpoint.archived_at is not None:
        raise Gone("This webhook endpoint is archived.")
    return endpoint


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[WebhookEndpoint], str | None]:
    """One page of the shop's endpoints, newest first, archived ones left out, and the next page's cursor."""
    chosen = select(WebhookEndpoint).where(
        WebhookEndpoint.shop_id == shop.id, col(WebhookEndpoint.archived_at).is_(None)
    )
    return await db.page(session, chosen, WebhookEndpoint.id, limit, cursor)


async def change(
    session: AsyncSession,
    shop: Shop,
    endpoint_id: str,
    data: WebhookEndpointChange,
    version: int | None,
    outbound: Outbound,
) -> WebhookEndpoint:
    """Change what `data` names. Enabling an endpoint forgives its failures: what was given up is tried again.

    Refuses WebhookEndpointNotFound, Gone, PreconditionFailed, ForbiddenAddress and UnknownEventType.
    """
    endpoint = await lock(session, shop, endpoint_id)
    expect(endpoint.version, version)
    now = clock.now()
    if data.url is not UNSET:
        outbound.check(data.url)
        endpoint.url = data.url
    if data.event_types is not UNSET:
        endpoint.event_types = _known(data.event_types)
    if data.description is not UNSET:
        endpoint.description = data.description
    if data.enabled is False and endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_reason = now, "merchant"
    if data.enabled is True and endpoint.disabled_at is not None:
        endpoint.disabled_at = endpoint.disabled_reason = None
        endpoint.failing_since = endpoint.paused_until = None
        endpoint.failures = 0
        await deliveries.revive(session, endpoint, now)
    _touch(endpoint, now)
    session.add(endpoint)
    await session.flush()
    return endpoint


def _touch(endpoint: WebhookEndpoint, now: datetime) -> None:
    endpoint.version += 1
    endpoint.updated_at = now


async def archive(session: AsyncSession, shop: Shop, endpoint_id: str) -> None:
    """Nothing is sent there any more; doing it twice is doing it once. Refuses WebhookEndpointNotFound."""
    try:
        endpoint = await lock(session, shop, endpoint_id)
    except Gone:
        return
    endpoint.archived_at = clock.now()
    _touch(endpoint, endpoint.archived_at)
    session.add(endpoint)
    await deliveries.give_up(session, endpoint, endpoint.archived_at)


async def rotate(
    session: AsyncSession, shop: Shop, endpoint_id: str, data: SecretRotation, vault: Vault
) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown this once; for a while messages are signed with the one before as well.

    Refuses WebhookEndpointNotFound and Gone.
    """
    endpoint, secret, now = await lock(session, shop, endpoint_id), signing.new_secret(), clock.now()
    until = now + timedelta(hours=data.overlap_hours) if data.overlap_hours else None
    endpoint.previous_secret_sealed = endpoint.secret_sealed if until else None
    endpoint.previous_secret_until = until
    endpoint.secret_sealed = vault.seal(secret.encode())
    _touch(endpoint, now)
    session.add(endpoint)
    await session.flush()
    return endpoint, secret


async def unwell(session: AsyncSession, since: datetime) -> tuple[list[WebhookEndpoint], list[WebhookEndpoint]]:
    """For the operator: the endpoints of all shops that we have disabled, and those that fail since before `since`."""
    living = select(WebhookEndpoint).where(col(WebhookEndpoint.archived_at).is_(None)).order_by(WebhookEndpoint.id)
    ours = col(WebhookEndpoint.disabled_reason).in_(("failing", "gone"))
    failing = sa.and_(col(WebhookEndpoint.disabled_at).is_(None), col(WebhookEndpoint.failing_since) < since)
    return list((await session.exec(living.where(ours))).all()), list((await session.exec(living.where(failing))).all())
