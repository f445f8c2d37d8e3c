"""The small commands: migrate, shops, keys; what they print, and how they refuse."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlmodel import select

from core import keys, shops
from core.db import Database
from core.jobs import Job
from core.secrets import Vault
from core.shops import Shop
from tests.api.cli.processes import environment, vitrine

SECRET = base64.urlsafe_b64encode(b"s" * 32).decode()


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation whose database is migrated."""
    folder = str(tmp_path / "data")
    return environment(VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=folder, VITRINE_SECRET_KEYS=SECRET)


async def test_a_shop_and_its_keys_are_made_and_open_it(env: dict[str, str], db: Database, tmp_path: Path) -> None:
    secret_file = tmp_path / "webhook-secret"
    secret_file.write_text("whsec_abc\n")
    made = vitrine(
        *("shop", "create", "Épicerie d'Été", "--currency", "chf", "--locale", "fr_CH", "--country", "CH"),
        *("--stripe-key-file", "-", "--stripe-webhook-secret-file", str(secret_file)),
        env=env,
        text="sk_test_123\n",
    )
    assert made.returncode == 0, made.stderr
    secret = vitrine("key", "create", "--shop", "epicerie-d-ete", "--scope", "orders:read", "--label", "till", env=env)
    public = vitrine("key", "create", "--shop", "epicerie-d-ete", "--publishable", env=env)
    vault = Vault([SECRET])
    async with db.read() as session:
        shop = await shops.get(session, made.stdout.strip())
        assert (shop.name, shop.currency, shop.locale, shop.country) == ("Épicerie d'Été", "CHF", "fr_CH", "CH")
        assert shops.stripe_key(shop, vault) == "sk_test_123"
        assert shops.stripe_webhook_secrets(shop, vault) == ["whsec_abc"]
        found = await keys.find(session, secret.stdout.strip())
        assert found is not None
        assert (found.shop_id, found.scopes, found.label) == (shop.id, ["orders:read"], "till")
        storefront = await keys.find(session, public.stdout.strip())
        assert storefront is not None
        assert storefront.publishable


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_key_is_found_in_the_list_and_revoked(env: dict[str, str], db: Database, shop: shops.Shop) -> None:
    made = vitrine("key", "create", "--shop", shop.slug, "--label", "Leaked", env=env)
    token = made.stdout.strip()
    listed = vitrine("key", "list", "--shop", shop.slug, env=env)
    key_id, prefix, *rest = listed.stdout.splitlines()[0].split("\t")
    assert (token.startswith(prefix.rstrip("…")), rest) == (True, ["works", "secret", "Leaked"])
    assert token not in listed.stdout
    assert vitrine("key", "revoke", "--shop", shop.slug, key_id, env=env).stdout.strip() == key_id
    async with db.read() as session:
        assert await keys.find(session, token) is None
    assert "\trevoked\t" in vitrine("key", "list", "--shop", shop.slug, env=env).stdout


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("key", "revoke", "--shop", "nobody", "key_1"), 1, "There is no shop 'nobody'"),
        (("shop", "create", "Lune", "--currency", "EURO"), 1, "not a currency"),
        (("shop", "create", "Lune", "--currency", "EUR", "--slug", "No!"), 2, "--slug"),
        (("shop", "create", "Lune", "--currency", "EUR", "--stripe-key-file", "-"), 2, "Stripe needs both"),
        (("key", "create", "--shop", "nobody"), 1, "There is no shop 'nobody'"),
        (("key", "create", "--shop", "nobody", "--publishable", "--scope", "orders:read"), 2, "leave --scope out"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    env: dict[str, str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    answer = vitrine(*arguments, env=env, text="sk_test_123")
    assert (answer.returncode, answer.stdout) == (code, "")
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_live_key_is_not_taken_where_payments_go_to_a_local_server(env: dict[str, str], tmp_path: Path) -> None:
    secret_file = tmp_path / "webhook-secret"
    secret_file.write_text("whsec_abc")
    answer = vitrine(
        *("shop", "create", "Lune", "--currency", "EUR"),
        *("--stripe-key-file", "-", "--stripe-webhook-secret-file", str(secret_file)),
        env=env | {"VITRINE_STRIPE_API_BASE": "http://127.0.0.1:12111"},
        text="sk_live_123",
    )
    assert answer.returncode == 2
    assert "must never be sent there" in answer.stderr


async def test_stripe_credentials_are_rotated_one_after_the_other(
    env: dict[str, str], db: Database, tmp_path: Path
) -> None:
    for name, text in (("old", "whsec_old\n"), ("new", "whsec_new\n"), ("key", "sk_test_new\n")):
        (tmp_path / name).write_text(text)
    early = ("shop", "create", "Lune", "--currency", "EUR", "--slug", "lune")
    assert vitrine(*early, env=env).returncode == 0
    connect = ("shop", "connect-stripe", "lune")
    half = vitrine(*connect, "--stripe-webhook-secret-file", str(tmp_path / "old"), env=env)
    assert (half.returncode, "Stripe needs both" in half.stderr) == (2, True)
    both = ("--stripe-key-file", "-", "--stripe-webhook-secret-file", str(tmp_path / "old"))
    assert vitrine(*connect, *both, env=env, text="sk_test_old").returncode == 0
    rotation = ("--stripe-webhook-secret-file", str(tmp_path / "new"), "--keep-old-webhook-secret")
    assert vitrine(*connect, *rotation, env=env).returncode == 0
    vault = Vault([SECRET])
    async with db.read() as session:
        shop = await shops.by_slug(session, "lune")
        assert shops.stripe_key(shop, vault) == "sk_test_old"
        assert shops.stripe_webhook_secrets(shop, vault) == ["whsec_new", "whsec_old"]
    assert vitrine(*connect, "--stripe-key-file", str(tmp_path / "key"), env=env).returncode == 0
    assert vitrine(*connect, "--stripe-webhook-secret-file", str(tmp_path / "new"), env=env).returncode == 0
    async with db.read() as session:
        shop = await shops.by_slug(session, "lune")
        assert shops.stripe_key(shop, vault) == "sk_test_new"
        assert shops.stripe_webhook_secrets(shop, vault) == ["whsec_new"]
        assert shop.stripe_account is None
        jobs = (await session.exec(select(Job.name).order_by(Job.name))).all()
    assert jobs == ["books.compare", "books.sweep", "stripe.retry_orphans"]


async def test_a_shop_may_be_a_connected_account_of_a_platform(db: Database, shop: Shop, env: dict[str, str]) -> None:
    connect = ("shop", "connect-stripe", shop.slug)

    async def account() -> str | None:
        async with db.read() as session:
            return (await shops.by_slug(session, shop.slug)).stripe_account

    async with db.transaction() as session:
        shops.connect_stripe(shop, Vault([SECRET]), "sk_test_platform", ["whsec_platform"])
        session.add(shop)
    assert vitrine(*connect, "--account", "acct_1", env=env).returncode == 0
    assert await account() == "acct_1"
    assert vitrine(*connect, "--account", "the other", env=env).returncode == 2
    assert vitrine(*connect, "--stripe-key-file", "-", env=env, text="sk_test_new").returncode == 0
    assert await account() == "acct_1"
    assert vitrine(*connect, "--account", "none", env=env).returncode == 0
    assert await account() is None


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "doctor"])
def test_development_secrets_do_not_serve_an_https_address(command: str, tmp_path: Path) -> None:
    env = environment(VITRINE_PUBLIC_URL="https://shop.example", VITRINE_DATA_DIR=str(tmp_path / "data"))
    answer = vitrine(command, env=env)
    assert answer.returncode == 2
    assert "must not serve an https address" in answer.stderr
    assert not (tmp_path / "data").exists()


def test_migrate_makes_the_tables_and_may_be_repeated(empty_database_url: str, tmp_path: Path) -> None:
    env = environment(VITRINE_DATABASE_URL=empty_database_url, VITRINE_DATA_DIR=str(tmp_path))
    early = vitrine("shop", "create", "Lune", "--currency", "EUR", env=env)
    assert early.returncode == 1
    assert "run `vitrine migrate`" in early.stderr
    assert [vitrine("migrate", env=env).returncode for _ in range(2)] == [0, 0]
    assert vitrine("shop", "create", "Lune", "--currency", "EUR", env=env).returncode == 0


def test_migrating_twice_at_once_is_migrating_once(empty_database_url: str, tmp_path: Path) -> None:
    env = environment(VITRINE_DATABASE_URL=empty_database_url, VITRINE_DATA_DIR=str(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda _: vitrine("migrate", env=env), range(4)))
    assert [(end.returncode, end.stderr) for end in ends] == [(0, "")] * 4
    assert vitrine("shop", "create", "Lune", "--currency", "EUR", env=env).returncode == 0


def test_help_names_every_command_without_loading_the_application() -> None:
    answer = vitrine("--help")
    assert answer.returncode == 0
    for command in (
        "up",
        "demo",
        "gallery",
        "serve",
        "worker",
        "migrate",
        "shop",
        "key",
        "backup",
        "restore",
        "doctor",
    ):
        assert f"\n  {command} " in answer.stdout
