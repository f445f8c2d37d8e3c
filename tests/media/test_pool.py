"""Pictures are worked on in children: whatever happens to one of them, the server goes on."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop
from PIL import Image

from media.errors import ImageTooLarge, ImageTooManyPixels, ImageUnreadable, PicturesBusy, PicturesUnavailable
from media.intake import Master
from media.looks.scene import Framing, Scene
from media.pool import Limits, PicturePool
from media.render import Drawing
from tests.media import processes
from tests.media.pictures import flicker, gif, photo, png, saved, with_extent
from tests.media.processes import children
from tests.media.samples import HEIC

DRAWING = Drawing("price", ["square", "story"], Scene(title="Vase", price="19,00 €"), Framing())


async def test_a_picture_goes_in_and_visuals_come_out(pool: PicturePool) -> None:
    master = await pool.open_picture(saved(photo()))
    drawn = await pool.render(master.data, DRAWING)
    assert [(each.format, each.width, each.height) for each in drawn] == [("square", 1080, 1080), ("story", 1080, 1920)]


async def test_two_children_draw_the_same_bytes() -> None:
    master, made = saved(photo()), []
    for _ in range(2):
        async with PicturePool() as pool:
            made.append([each.data for each in await pool.render(master, DRAWING)])
    assert made[0] == made[1]


async def test_never_more_children_than_workers(pool: PicturePool) -> None:
    data = saved(photo(800, 600))
    await asyncio.gather(*(pool.open_picture(data) for _ in range(12)))
    assert 1 <= len(children()) <= 2


async def test_a_refusal_comes_through_with_its_facts_and_the_child_goes_on(pool: PicturePool) -> None:
    await pool.open_picture(saved(photo(100, 100)))
    before = children()
    with pytest.raises(ImageUnreadable) as refusal:
        await pool.open_picture(saved(photo())[:3000])
    assert (refusal.value.slug, refusal.value.facts["reason"]) == ("image-unreadable", "OSError")
    assert children() == before


async def test_more_bytes_than_allowed_are_refused_without_a_child() -> None:
    async with PicturePool(limits=Limits(upload_bytes=1000)) as pool:
        with pytest.raises(ImageTooLarge) as refusal:
            await pool.open_picture(saved(photo()))
        assert refusal.value.facts["maximum"] == 1000
        assert children() == []


async def test_a_picture_that_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    async with PicturePool(limits=Limits(megabytes=160)) as pool:
        with pytest.raises(ImageUnreadable):
            await pool.open_picture(saved(Image.new("RGB", (7000, 7000), (1, 2, 3)), "PNG"))
        master = await pool.open_picture(saved(photo(300, 300)))
    assert master.width == 300


async def test_work_that_takes_too_much_cpu_is_refused_and_the_next_is_done() -> None:
    async with PicturePool(limits=Limits(cpu_seconds=0)) as pool:
        with pytest.raises(PicturesUnavailable):
            await pool.render(saved(photo(3000, 2000)), Drawing("plain", ["story"] * 300, Scene(), Framing("pad")))
        master = await pool.open_picture(saved(photo(300, 300)))
    assert master.width == 300


async def test_a_child_that_hangs_is_replaced() -> None:
    async with PicturePool(workers=1, limits=Limits(wall_seconds=1.0)) as pool:
        await pool.open_picture(saved(photo(100, 100)))
        (child,) = children()
        processes.freeze(child)
        with pytest.raises(ImageUnreadable) as refusal:
            await pool.open_picture(saved(photo(200, 200)))
        master = await pool.open_picture(saved(photo(300, 300)))
    assert refusal.value.facts["reason"] == "time"
    assert master.width == 300


async def test_a_child_killed_from_outside_costs_nobody_a_picture() -> None:
    async with PicturePool(workers=1) as pool:
        await pool.open_picture(saved(photo(100, 100)))
        (child,) = children()
        processes.freeze(child)
        waiting = asyncio.create_task(pool.open_picture(saved(photo(200, 200))))
        await asyncio.wait([waiting], timeout=0.05)
        processes.kill(child)
        assert (await waiting).width == 200


def test_a_child_that_died_while_nobody_looked_costs_nobody_a_picture() -> None:
    data = saved(Image.effect_noise((1500, 1500), 200).convert("RGB"))

    async def visit() -> int:
        async with PicturePool(workers=1) as pool:
            await pool.open_picture(saved(photo(100, 100)))
            (child,) = children()
            processes.kill(child)
            processes.wait_until_gone(child)
            return (await pool.open_picture(data)).width

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # The server's; it fails in a way of its own.
        assert runner.run(visit()) == 1500


async def test_drawing_that_hangs_is_unavailable_for_a_while() -> None:
    async with PicturePool(workers=1, limits=Limits(wall_seconds=0.5)) as pool:
        with pytest.raises(PicturesUnavailable) as refusal:
            await pool.render(saved(photo(4000, 3000)), Drawing("plain", ["story"] * 200, Scene(), Framing("pad")))
    assert (refusal.value.status, refusal.value.retry_after) == (503, 5)


async def test_a_drawing_that_cannot_be_made_is_a_mistake_of_ours_and_the_child_lives(pool: PicturePool) -> None:
    with pytest.raises(PicturesUnavailable):
        await pool.render(saved(photo(100, 100)), Drawing("no-such-template", ["square"], Scene(), Framing()))
    assert (await pool.open_picture(saved(photo(100, 100)))).width == 100


async def test_a_full_queue_is_refused_at_once() -> None:
    async with PicturePool(workers=1, queue=2) as pool:
        data = saved(photo(800, 800))
        outcomes = await asyncio.gather(*(pool.open_picture(data) for _ in range(8)), return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, PicturesBusy)]
    assert len(refused) == 5
    assert (refused[0].status, refused[0].retry_after) == (429, 2)


async def test_a_shop_with_many_pictures_does_not_keep_another_one_waiting() -> None:
    async with PicturePool(workers=1) as pool:
        over, inside = asyncio.Event(), list[str]()

        async def visit(shop_id: str) -> None:
            async with pool.turn(shop_id):
                inside.append(shop_id)
                await over.wait()

        visits = [asyncio.create_task(visit(shop_id)) for shop_id in ("a", "a", "a", "a", "b")]
        await asyncio.wait(visits, timeout=0.1)
        assert inside == ["a", "a", "b"]
        over.set()
        await asyncio.gather(*visits)
        assert inside == ["a", "a", "b", "a", "a"]


async def test_who_finds_too_many_waiting_for_their_turn_is_asked_back_at_once_and_no_shop_takes_all() -> None:
    async with PicturePool(workers=1, queue=3) as pool:
        over = asyncio.Event()

        async def visit(shop_id: str) -> None:
            async with pool.turn(shop_id):
                await over.wait()

        visits = [asyncio.create_task(visit(shop_id)) for shop_id in ("a", "a", "a", "a", "b", "b", "c", "c")]
        done, _ = await asyncio.wait(visits, timeout=0.1)
        assert [each in done for each in visits] == [False, False, False, True, False, False, False, True]
        assert {type(each.exception()) for each in done} == {PicturesBusy}
        over.set()
        await asyncio.gather(*(each for each in visits if each not in done))
        async with pool.turn("a"):
            pass


async def test_closing_ends_the_children() -> None:
    pool = PicturePool()
    await pool.open_picture(saved(photo(100, 100)))
    await pool.close()
    assert children() == []
    with pytest.raises(PicturesUnavailable):
        await pool.open_picture(saved(photo(100, 100)))


async def test_bombs_leave_the_server_small(pool: PicturePool) -> None:
    bombs = [png(7000, 7000), png(50_000, 50_000), png(7000, 7000, filled=True)]
    before = processes.resident()
    outcomes = await asyncio.gather(*(pool.open_picture(each) for each in bombs), return_exceptions=True)
    kinds = [type(each) for each in outcomes]
    assert kinds == [ImageUnreadable, ImageTooManyPixels, Master]
    assert processes.resident() - before < 60 * 2**20


async def test_hostile_films_and_new_types_leave_the_server_small(pool: PicturePool) -> None:
    small = saved(photo(300, 300), "AVIF")
    hostile = [
        gif((65_535, 65_535), (0, 0, 65_535, 65_535), disposal=2),
        flicker(600_000),
        with_extent(small, 30_000, 30_000),
        with_extent(HEIC, 30_000, 30_000),
        with_extent(small, 7000, 7000),  # Decoders scale what they find to what is declared: 49 MP are allowed.
        saved(photo(300, 300), "GIF")[:400] + b"!\xfe" + b"\1a" * 2_000_000,
    ]
    before = processes.resident()
    outcomes = await asyncio.gather(*(pool.open_picture(each) for each in hostile), return_exceptions=True)
    refused = [type(each) for each in outcomes if not isinstance(each, Master)]
    assert set(refused) <= {ImageTooManyPixels, ImageUnreadable}
    assert refused[0] is ImageTooManyPixels
    assert len(refused) >= 4
    assert processes.resident() - before < 60 * 2**20
    assert (await pool.open_picture(small)).width == 300


async def test_a_child_knows_no_secret_of_the_server(pool: PicturePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_SECRET_KEYS", "hidden")
    await pool.open_picture(saved(photo(100, 100)))
    environment = processes.environment(children()[0])
    assert not any(name.startswith("VITRINE") for name in environment)
    assert environment["PYTHONMALLOC"] == "malloc"


SERVER = """
import asyncio, sys
from media.intake import Master
from media.pool import PicturePool

async def main():
    pool = PicturePool(workers=1)
    await pool.open_picture(sys.stdin.buffer.read())
    print(pool._idle[0].pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_children_die_with_a_server_that_is_killed() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(saved(photo(100, 100)))
        server.stdin.close()
        child = int(server.stdout.readline())
        assert not processes.is_gone(child)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        processes.wait_until_gone(child)
        assert processes.is_gone(child)
