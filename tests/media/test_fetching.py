"""Pictures of the web come from public addresses only, in one piece, and soon."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import pytest

from core.outbound import ForbiddenAddress, Outbound
from media.errors import ImageNotFetched, ImageTooLarge, PicturesBusy
from media.fetching import AT_ONCE, MAX_HOPS, Fetcher
from tests.core.webhooks.receiver import Receiver, status
from tests.media import pictures

PICTURE = pictures.saved(pictures.photo(300, 200))
MOST = 2**20


def served(content: bytes, headers: str = "") -> bytes:
    """A good answer."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content


def moved(to: str, code: int = 302) -> bytes:
    """An answer that leads elsewhere."""
    return status(code, f"Location: {to}\r\n")


@asynccontextmanager
async def fetching(
    *,
    seconds: float = 10,
    loopback: bool = True,
    resolver: Callable[[str, int], Awaitable[Sequence[str]]] | None = None,
) -> AsyncIterator[Fetcher]:
    outbound = Outbound(loopback=loopback, resolver=resolver)
    yield Fetcher(outbound, MOST, seconds=seconds)
    await outbound.close()


async def refused(fetcher: Fetcher, url: str) -> str:
    """What is said of an address from which no picture comes."""
    with pytest.raises(ImageNotFetched) as caught:
        await fetcher.fetch(url)
    return caught.value.detail


async def test_a_picture_comes_as_it_lies_there() -> None:
    async with Receiver(served(PICTURE)).listening() as web, fetching() as fetcher:
        assert await fetcher.fetch(web.url) == PICTURE
        (asked,) = web.got
        assert (asked.headers["accept-encoding"], "cookie" in asked.headers) == ("identity", False)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_few_redirects_are_followed_relative_ones_too(code: int) -> None:
    hops = [moved(f"/{number}.jpg#top", code) for number in range(MAX_HOPS)]
    async with Receiver(*hops, served(PICTURE)).listening() as web, fetching() as fetcher:
        assert await fetcher.fetch(web.url) == PICTURE
        assert [each.path for each in web.got][1:] == ["/0.jpg", "/1.jpg", "/2.jpg"]


async def test_of_many_redirects_the_last_is_not_asked() -> None:
    async with Receiver(moved("/again.jpg")).listening() as web, fetching() as fetcher:
        assert await refused(fetcher, web.url)
        assert len(web.got) == MAX_HOPS + 1


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "//10.0.0.1/x",
        "http://0xa000001/", "file:///etc/passwd", "gopher://127.0.0.1:6379/", "http://user@127.0.0.1/", "http://[::1/",
        "http://printer.local/", "",
    ],
)  # fmt: skip
async def test_a_redirect_does_not_lead_inside(to: str) -> None:
    async with Receiver(moved(to)).listening() as web, fetching() as fetcher:
        assert await refused(fetcher, web.url)
        assert len(web.got) == 1


async def test_a_hop_is_resolved_anew_and_looked_at_again() -> None:
    async def resolve(host: str, _: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "cdn.example" else ["192.168.0.1"]

    async with Receiver().listening() as web, fetching(resolver=resolve) as fetcher:
        web.answers = [moved(f"http://inside.example:{web.port}/secret")]
        assert await refused(fetcher, f"http://cdn.example:{web.port}/a.jpg")
        assert [each.path for each in web.got] == ["/a.jpg"]


async def test_this_machine_is_not_the_web() -> None:
    async with Receiver(served(PICTURE)).listening() as web, fetching(loopback=False) as fetcher:
        with pytest.raises(ForbiddenAddress):
            await fetcher.fetch(web.url)
        assert web.got == []


async def test_a_name_that_leads_inside_is_told_of_like_one_that_nobody_has() -> None:
    async def resolve(host: str, _: int) -> Sequence[str]:
        if host == "nobody.example":
            raise OSError("Name or service not known")
        return ["10.0.0.7"]

    async with fetching(loopback=False, resolver=resolve) as fetcher:
        inside = await refused(fetcher, "https://inside.example/a.jpg")
        assert inside == await refused(fetcher, "https://nobody.example/a.jpg")


@pytest.mark.parametrize(
    "answer",
    [
        status(404, body="no"), status(500), status(204), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ncut short", b"SSH-2.0-OpenSSH\r\n", b"",
    ],
)  # fmt: skip
async def test_what_is_no_whole_answer_is_no_picture(answer: bytes) -> None:
    async with Receiver(answer).listening() as web, fetching() as fetcher:
        assert await refused(fetcher, web.url)


async def test_no_more_is_read_than_may_be_kept() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"a" * (MOST + 10)
    async with Receiver(endless).listening() as web, fetching() as fetcher:
        with pytest.raises(ImageTooLarge):
            await fetcher.fetch(web.url)


@pytest.mark.parametrize("answer", [None, b"drip"], ids=["hangs", "drips"])
async def test_who_takes_their_time_is_left(answer: bytes | None) -> None:
    async with Receiver(answer).listening() as web, fetching(seconds=0.3) as fetcher:
        assert await refused(fetcher, web.url)


async def test_the_hops_share_their_time() -> None:
    async with Receiver(moved("/next.jpg"), None).listening() as web, fetching(seconds=0.3) as fetcher:
        assert await refused(fetcher, web.url)
        assert len(web.got) == 2


async def test_a_few_at_a_time_and_the_others_later() -> None:
    async with Receiver(None).listening() as web, fetching() as fetcher:
        ended: list[str] = []

        async def one() -> None:
            try:
                await fetcher.fetch(web.url)
            except (PicturesBusy, ImageNotFetched) as error:
                ended.append(error.slug)

        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE + 20):
                group.start_soon(one)
            while len(web.got) < AT_ONCE:
                await web.arrived.wait()
                web.arrived.clear()
            assert set(ended) == {"pictures-busy"}
            assert len(web.got) == AT_ONCE
            web.released.set()
        assert ended.count("pictures-busy") == 8
