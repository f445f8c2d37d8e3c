"""The kit as a ZIP: everything for publishing by hand, in order, the same bytes every time."""

import io
import json
import zipfile

import pytest

from core.wire import encode
from media.errors import ObjectNotFound
from social import kit_zip, readme
from social.errors import PostNotFound
from social.kit_zip import Parcel
from social.models import Post
from social.network import Placement, networks
from social.schemas import PostProductIn, SlideIn
from tests.social.making import Studio, tag

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])
READMES = [f"README.{each}.txt" for each in ("en", "fr", "de", "es", "it")]


async def packed(studio: Studio, post: Post) -> Parcel:
    return await kit_zip.pack(studio.db, studio.storage, studio.settings, studio.shop, post.id)


async def zipped(studio: Studio, post: Post) -> bytes:
    return b"".join([piece async for piece in kit_zip.stream(studio.storage, await packed(studio, post))])


def opened(data: bytes) -> dict[str, bytes]:
    """The files by name, in their order; each is what its checksum says."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_everything_for_publishing_by_hand_is_there_in_order(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    post = await studio.carousel(
        "instagram",
        SlideIn(asset_id=await studio.picture(), tags=[tag(ambre, 0.5, 0.5)]),
        SlideIn(asset_id=await studio.picture(1000, 1250), tags=[tag(figue, 0.25, 0.5)], alt_text="L'été, à Nantes"),
    )
    built, files = await studio.kit(post), opened(await zipped(studio, post))
    assert list(files) == [
        *READMES, "caption.txt", "alt-texts/01.txt", "alt-texts/02.txt", "tags.json", "links.txt", "kit.json",
        "pictures/01-bougie-ambre.jpg", "pictures/02-l-ete-a-nantes.jpg",
    ]  # fmt: skip
    assert files["caption.txt"].decode() == f"{built.caption}\n"
    assert files["alt-texts/02.txt"].decode() == "L'été, à Nantes\n"
    assert json.loads(files["kit.json"]) == json.loads(encode(built))
    for each in built.links:
        assert each.url in files["links.txt"].decode()
        assert each.long_url in files["links.txt"].decode()
    tags = json.loads(files["tags.json"])
    assert [each["picture"] for each in tags] == list(files)[-2:]
    assert [each["tags"][0]["pixel_x"] for each in tags] == [each.tags[0].pixel_x for each in built.pictures]
    for name, picture in zip(list(files)[-2:], built.pictures, strict=True):
        assert files[name] == await studio.storage.get(picture.url.rpartition("/")[2])


@ON_ONE_DATABASE
async def test_a_pin_has_its_title_and_each_picture_of_a_carousel_its_text(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    slides = [
        SlideIn(asset_id=await studio.picture(width, 1500), products=[PostProductIn(product_id=each)])
        for width, each in ((1000, ambre), (1100, figue))
    ]
    post = await studio.carousel("pinterest", *slides)
    built, files = await studio.kit(post), opened(await zipped(studio, post))
    assert files["title.txt"].decode() == f"{built.title}\n"
    assert files["texts/02.txt"].decode().startswith("Bougie Figue\n\nBougie Figue — 19,90\u00a0€")
    assert files["texts/02.txt"].decode().endswith(f"{built.links[1].long_url}\n")
    assert "tags.json" not in files or json.loads(files["tags.json"])


@ON_ONE_DATABASE
async def test_the_same_post_gives_the_same_bytes_and_a_change_gives_another_tag(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    assert await zipped(studio, post) == await zipped(studio, post)
    first = await packed(studio, post)
    assert first == await packed(studio, post)
    other = await packed(studio, await studio.post("instagram", post.asset_id, await studio.candle()))
    assert first.etag != other.etag
    assert first.name == f"instagram-feed-{post.id}.zip"


@ON_ONE_DATABASE
async def test_names_are_safe_whatever_the_merchant_writes(studio: Studio) -> None:
    text = "../../etc/passwd\\..\\C:\\aux 灯 <script> " + "long " * 60
    post = await studio.post("instagram", await studio.picture(), await studio.candle(title="../x/y"), alt_text=text)
    for name in opened(await zipped(studio, post)):
        assert name.isascii()
        assert ".." not in name
        assert not name.startswith("/")
        assert "\\" not in name
        assert len(name) < 80


@ON_ONE_DATABASE
async def test_the_zip_comes_in_pieces_and_no_picture_is_whole_in_memory(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    content = await packed(studio, post)
    pieces = [piece async for piece in kit_zip.stream(studio.storage, content)]
    size = (await studio.kit(post)).pictures[0].bytes
    stored = [len(each) async for each in studio.storage.stream(content.pictures[0][1])]
    assert sum(map(len, pieces)) > size
    assert len(pieces) > 2
    assert max(map(len, pieces[1:])) <= max(stored) + 4096


@ON_ONE_DATABASE
async def test_what_is_not_there_is_refused_before_the_first_byte(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    await studio.storage.delete((await packed(studio, post)).pictures[0][1])
    with pytest.raises(ObjectNotFound):
        await packed(studio, post)
    with pytest.raises(PostNotFound):
        await kit_zip.pack(studio.db, studio.storage, studio.settings, studio.shop, "post_00000000000000000000000000")


@pytest.mark.parametrize(
    "placement", [pytest.param(place, id=place.name) for each in networks() for place in each.placements]
)
@pytest.mark.parametrize("language", readme.LANGUAGES)
def test_the_readme_speaks_of_what_is_there_in_every_language(placement: Placement, language: str) -> None:
    text = readme.write(placement, frozenset(("caption",)), language)
    assert placement.name in text.splitlines()[0]
    assert "caption.txt" in text
    assert "title.txt" not in text
    assert "links.txt" in text
    assert "{" not in text
