"""A backup, restored elsewhere, is the same shop; one that was touched, or a place that is not empty, is refused."""

import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import ascii_letters

import httpx2
import msgspec
import pytest
from PIL import Image

from api.operations import archive, backup, restore, tables
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from openapi.examples import BODIES
from tests.api.cli.processes import environment, vitrine
from tests.conftest import calling
from tests.databases import ENGINES
from tests.local_stripe import LocalStripe
from tests.media.lettering import lettering


@pytest.fixture(params=ENGINES)
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of either kind, to restore into."""
    folder = tmp_path / "other"
    folder.mkdir()
    with request.getfixturevalue(f"{request.param}_templates").fresh(folder, empty=True) as url:
        yield url


WANTED = {"template": BODIES["createTemplate"]["slug"], "formats": ["square"], "title": "Vase"}


@pytest.fixture
async def stocked(client: httpx2.AsyncClient, sandbox: LocalStripe) -> str:
    """A shop with a picture, a font, a template, a visual, a product and an order; the id of the variant."""
    file = BytesIO()
    Image.new("RGB", (64, 64), "#b4552d").save(file, "JPEG")
    made = await client.post("/v1/assets", files={"file": ("a.jpg", file.getvalue(), "image/jpeg")})
    assert made.status_code == 201, made.text
    font = await client.post("/v1/fonts", files={"file": ("a.ttf", lettering(ascii_letters))})
    assert font.status_code == 201, font.text
    kit = {"text_font_id": font.json()["id"], "logo_asset_id": made.json()["id"]}
    assert (await client.patch("/v1/shop", json=kit, headers={"If-Match": "*"})).status_code == 200
    template = await client.post("/v1/templates", json=BODIES["createTemplate"])
    assert template.status_code == 201, template.text
    drawn = await client.post("/v1/visuals", json=WANTED | {"asset_id": made.json()["id"]})
    assert drawn.status_code == 201, drawn.text
    prices = [{"amount": 4900, "currency": "EUR"}]
    body = {"title": "Vase « Aube »", "variants": [{"available": 3, "prices": prices}]}
    product = (await client.post("/v1/products", json=body)).json()["id"]
    variant: str = (await client.get(f"/v1/products/{product}/variants")).json()["items"][0]["id"]
    await client.post("/v1/links", json={"product_id": product, "network": "instagram"})
    assert (await buy(client, variant)).status_code == 201
    return variant


async def buy(client: httpx2.AsyncClient, variant: str, key: str = "first") -> httpx2.Response:
    """One checkout."""
    order = {"items": [{"variant_id": variant}], "origin": {"utm_source": "instagram"}}
    return await client.post("/v1/checkouts", json=order, headers={"Idempotency-Key": key})


def env_of(settings: Settings, **changes: str) -> dict[str, str]:
    """The environment of a command on this installation."""
    return (
        environment(
            VITRINE_DATABASE_URL=settings.database_url,
            VITRINE_DATA_DIR=str(settings.data_dir),
            VITRINE_SECRET_KEYS=",".join(settings.secret_keys),
            VITRINE_STRIPE_API_BASE=settings.stripe_api_base,
        )
        | changes
    )


def sums(folder: Path) -> dict[str, str]:
    """Each file's checksum, the manifest's apart: it tells the time."""
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines) if path != "manifest.json"}


async def test_a_restored_shop_is_the_same_to_the_byte_and_sells(
    stocked: str, settings: Settings, sandbox: LocalStripe, other_url: str, tmp_path: Path, client: httpx2.AsyncClient
) -> None:
    saved = vitrine("backup", str(tmp_path / "saved"), env=env_of(settings))
    assert saved.returncode == 0, saved.stderr
    elsewhere = settings.model_copy(update={"database_url": other_url, "data_dir": tmp_path / "elsewhere"})
    restored = vitrine("restore", str(tmp_path / "saved"), env=env_of(elsewhere))
    assert restored.returncode == 0, restored.stderr
    again = vitrine("backup", str(tmp_path / "again"), env=env_of(elsewhere))
    assert again.returncode == 0, again.stderr
    assert sums(tmp_path / "saved") == sums(tmp_path / "again")
    manifest = msgspec.json.decode((tmp_path / "again" / "manifest.json").read_bytes())
    assert (manifest["pictures"], manifest["rows"]["product"], manifest["rows"]["order"]) == (3, 1, 1)

    from api.app import create_app

    token = client.headers["authorization"].removeprefix("Bearer ")
    app = create_app(elsewhere, stripe_transport=sandbox.transport)
    async with app.litestar.lifespan(), calling(app, token) as there:
        assert (await there.get("/v1/shop")).json() == (await client.get("/v1/shop")).json()
        assert (await buy(there, stocked)).headers["idempotent-replayed"] == "true"
        sold = await buy(there, stocked, "second")
        assert sold.status_code == 201, sold.text
        assert (await there.get(f"/v1/variants/{stocked}/stock")).json()["available"] == 1
        (asset,) = (await there.get("/v1/assets")).json()["items"]
        assert (await there.get(httpx2.URL(asset["url"]).path)).status_code == 200
        wanted = WANTED | {"asset_id": asset["id"]}
        known = [(await each.post("/v1/visuals", json=wanted)).json()["items"][0]["id"] for each in (client, there)]
        assert known[0] == known[1], "found by its template and its fonts"
        anew = await there.post("/v1/visuals", json=wanted | {"title": "Bol"})
        assert anew.status_code == 201, anew.text
    assert (await client.get(f"/v1/variants/{stocked}/stock")).json()["available"] == 2


async def test_no_secret_is_inside_and_nobody_else_reads_it(
    stocked: str, settings: Settings, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    target = tmp_path / "saved.tar"
    assert vitrine("backup", str(target), env=env_of(settings)).returncode == 0
    assert target.stat().st_mode & 0o077 == 0
    content = target.read_bytes()
    token = client.headers["authorization"].removeprefix("Bearer ")
    for secret in (settings.secret_keys[0], "sk_test_", "whsec_", token):
        assert secret.encode() not in content
    with tarfile.open(target) as tar:
        assert "tables/visitor_salt.jsonl" not in tar.getnames()
        assert f"{stocked}" in tar.extractfile("tables/variant.jsonl").read().decode()  # type: ignore[union-attr]  # It is a file.


async def test_a_backup_is_one_state_of_a_shop_that_goes_on_selling(
    stocked: str, settings: Settings, db: Database
) -> None:
    async with backup.snapshot(db) as session:
        shapes = {shape.name: shape for shape in await tables.shapes(session)}
        before = [line async for line in tables.lines(session, shapes["shop"])]
        async with db.transaction() as other:
            shop = await other.get(Shop, msgspec.json.decode(before[1])[0])
            assert shop is not None
            shop.name = "Renamed meanwhile"
        assert [line async for line in tables.lines(session, shapes["shop"])] == before


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_was_touched_is_refused_before_anything_is_written(
    stocked: str, settings: Settings, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    assert vitrine("backup", str(saved), env=env_of(settings)).returncode == 0
    fresh = env_of(settings, VITRINE_DATABASE_URL=f"sqlite:///{tmp_path / 'fresh.db'}")
    table = saved / "tables" / "price.jsonl"
    table.write_bytes(table.read_bytes().replace(b"4900", b"0001"))
    refused = vitrine("restore", str(saved), env=fresh)
    assert (refused.returncode, "price.jsonl is not what was written" in refused.stderr) == (1, True)
    table.unlink()
    assert "missing or too many" in vitrine("restore", str(saved), env=fresh).stderr
    assert not (tmp_path / "fresh.db").exists()
    assert vitrine("restore", str(tmp_path), env=fresh).returncode == 1


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("name", ["saved", "saved.tar"])
async def test_a_new_machine_needs_nothing_but_the_backup_and_the_keys(
    stocked: str, settings: Settings, tmp_path: Path, name: str
) -> None:
    assert vitrine("backup", str(tmp_path / name), env=env_of(settings)).returncode == 0
    fresh = env_of(settings, VITRINE_DATA_DIR=str(tmp_path / "new"))
    del fresh["VITRINE_DATABASE_URL"]
    restored = vitrine("restore", str(tmp_path / name), env=fresh)
    assert restored.returncode == 0, restored.stderr
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["media", "vitrine.db"]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "kind"), [("../outside", tarfile.REGTYPE), ("/tmp/outside", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)]
)
async def test_an_archive_that_would_write_elsewhere_is_refused(
    settings: Settings, tmp_path: Path, name: str, kind: bytes
) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    refused = vitrine("restore", str(hostile), env=env_of(settings, VITRINE_DATA_DIR=str(tmp_path / "new")))
    assert (refused.returncode, "nothing that a backup holds" in refused.stderr) == (1, True)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_table_with_other_columns_is_refused_in_words(db: Database) -> None:
    async with db.transaction() as session:
        shop = next(each for each in await tables.shapes(session) if each.name == "shop")
        with pytest.raises(archive.BadArchive, match="The table shop has other columns here"):
            await tables.fill(session, shop, [b'["id", "motto"]'])


async def test_a_shop_that_is_there_is_never_touched(stocked: str, settings: Settings, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    assert vitrine("backup", str(saved), env=env_of(settings)).returncode == 0
    onto = vitrine("restore", str(saved), env=env_of(settings))
    assert (onto.returncode, "restore into an empty database" in onto.stderr) == (1, True)
    twice = vitrine("backup", str(saved), env=env_of(settings))
    assert (twice.returncode, "never overwrites" in twice.stderr) == (1, True)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_failure_half_way_leaves_the_database_empty(stocked: str, settings: Settings, tmp_path: Path) -> None:
    with archive.writing(tmp_path / "saved") as writer:
        manifest = await backup.write(settings, writer)
    wrong = msgspec.structs.replace(manifest, rows=manifest.rows | {"variant": 7})
    fresh = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'fresh.db'}"})
    assert vitrine("migrate", env=env_of(fresh)).returncode == 0
    with pytest.raises(archive.BadArchive, match="variant has 1 rows"):
        await restore.fill(fresh, tmp_path / "saved", wrong)
    assert vitrine("restore", str(tmp_path / "saved"), env=env_of(fresh)).returncode == 0
