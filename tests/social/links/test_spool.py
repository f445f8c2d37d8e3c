"""What is in the spool outlives the process, the disk's bad moments and half a write."""

import asyncio
import os
import resource
from pathlib import Path

import pytest

from social.links.batch import Batch
from social.links.spool import Hit, Spool
from tests.social.links.conftest import NOON


def _hit(number: int) -> Hit:
    return Hit(
        NOON.to_bytes(6) + number.to_bytes(10), number, 0, "human", "phone", b"v" * 8, "l.instagram.com", "instagram"
    )


def _read(spool: Spool) -> list[Hit]:
    """Everything that waits, as the database would take it."""
    found: list[Hit] = []
    for segment in spool.segments():
        while True:
            hits, offset = segment.read(2)
            if offset == (segment.folded or 0):
                break
            found += hits
            segment.folded = offset
    return found


def test_hits_come_back_as_they_went_in(spool: Spool) -> None:
    hits = [_hit(number) for number in range(1, 8)]
    assert all(spool.append(each) for each in hits)
    assert _read(spool) == hits


def test_a_segment_that_is_full_is_followed_by_another(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=300)
    hits = [_hit(number) for number in range(1, 21)]
    for each in hits:
        spool.append(each)
    assert len(spool.segments()) > 3
    assert all(each.size <= 300 for each in spool.segments())
    assert _read(spool) == hits


def test_a_dead_process_segments_are_taken_over_and_a_living_ones_are_not(tmp_path: Path) -> None:
    dead, living = Spool(tmp_path), Spool(tmp_path)
    dead.append(_hit(1))
    living.append(_hit(2))
    dead.close()  # Its lock goes, its file stays.
    heir = Spool(tmp_path)
    assert heir.adopt() == 1
    assert [each.link_number for each in _read(heir)] == [1]
    assert heir.adopt() == 0


@pytest.mark.parametrize("cut", [1, 5, 6, 7, 20])
def test_a_torn_tail_is_dropped_and_the_rest_kept(tmp_path: Path, cut: int) -> None:
    spool = Spool(tmp_path)
    for number in (1, 2, 3):
        spool.append(_hit(number))
    (segment,) = spool.segments()
    os.truncate(segment.path, segment.size - cut)
    spool.close()
    heir = Spool(tmp_path)
    heir.adopt()
    assert [each.link_number for each in _read(heir)] == [1, 2]
    assert heir.finished() == heir.segments()


@pytest.mark.parametrize("bit", range(8))
def test_a_last_hit_that_reads_well_and_is_not_what_was_written_is_dropped(tmp_path: Path, bit: int) -> None:
    spool = Spool(tmp_path)
    for number in (1, 2):
        spool.append(_hit(number))
    (segment,) = spool.segments()
    content = bytearray(segment.path.read_bytes())
    place = content.rindex(_hit(2).click_id)
    content[place] ^= 1 << bit
    segment.path.write_bytes(content)
    spool.close()
    heir = Spool(tmp_path)
    heir.adopt()
    assert [each.link_number for each in _read(heir)] == [1]
    assert heir.finished() == heir.segments()


@pytest.mark.parametrize("tail", [b"\0" * 64, b"\xff" * 64, b"\x00\x05abcdhello"])
def test_rubbish_at_the_end_is_no_hit(tmp_path: Path, tail: bytes) -> None:
    spool = Spool(tmp_path)
    spool.append(_hit(1))
    (segment,) = spool.segments()
    with segment.path.open("ab") as file:
        file.write(tail)
    spool.close()
    heir = Spool(tmp_path)
    heir.adopt()
    assert [each.link_number for each in _read(heir)] == [1]
    assert heir.finished() == heir.segments()


def test_a_file_that_lost_what_the_database_has_is_finished(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(_hit(1))
    spool.close()
    heir = Spool(tmp_path)
    heir.adopt()
    (segment,) = heir.segments()
    segment.folded = segment.size + 500
    assert segment.read(10) == ([], segment.folded)
    assert heir.finished() == [segment]


def test_a_full_spool_drops_hits_and_counts_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=300, cap_bytes=600)
    answers = [spool.append(_hit(number)) for number in range(1, 30)]
    assert answers.count(False) == spool.dropped > 0
    kept = _read(spool)
    assert len(kept) == answers.count(True)
    assert spool.append(_hit(99)), "room again once the database has caught up"


def test_a_disk_that_takes_half_a_frame_leaves_no_half_frame(spool: Spool) -> None:
    spool.append(_hit(1))
    (segment,) = spool.segments()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (segment.size + 20, hard))
    try:
        assert not spool.append(_hit(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert spool.dropped == 1
    assert spool.append(_hit(3))
    assert [each.link_number for each in _read(spool)] == [1, 3]


def test_a_folder_that_cannot_be_written_loses_hits_but_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    spool = Spool(tmp_path / "spool")
    assert not spool.append(_hit(1))
    assert spool.dropped == 1


def test_what_was_written_is_handed_out_for_syncing_once(spool: Spool) -> None:
    spool.append(_hit(1))
    descriptors = spool.unsynced()
    assert len(descriptors) == 1
    os.close(descriptors[0])
    assert spool.unsynced() == []


def test_a_discarded_segment_is_gone(spool: Spool) -> None:
    spool.append(_hit(1))
    spool.seal()
    _read(spool)
    (segment,) = spool.finished()
    spool.discard(segment)
    assert not segment.path.exists()
    assert spool.segments() == []


def test_a_disk_that_takes_half_a_batch_keeps_its_whole_frames(spool: Spool) -> None:
    spool.append(_hit(1))
    (segment,) = spool.segments()
    frame = segment.size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * frame + frame // 2, hard))
    try:
        assert not spool.extend([_hit(number) for number in (2, 3, 4, 5)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert spool.dropped == 2
    assert spool.extend([_hit(6), _hit(7)])
    assert [each.link_number for each in _read(spool)] == [1, 2, 3, 6, 7]


async def test_hits_of_one_turn_are_written_together_before_anybody_goes_on(spool: Spool) -> None:
    batch = Batch(spool)
    written = [batch.write(_hit(number)) for number in range(1, 6)]
    assert spool.segments() == []
    assert not any(each.done() for each in written)
    written[2].cancel()
    await written[0]
    assert [each.done() for each in written] == [True] * 5
    assert [each.link_number for each in _read(spool)] == [1, 2, 3, 4, 5], "also of who has given up"
    await batch.write(_hit(6))
    assert [each.link_number for each in _read(spool)] == [6]


async def test_a_full_spool_keeps_nobody_waiting(tmp_path: Path) -> None:
    spool = Spool(tmp_path, cap_bytes=0)
    batch = Batch(spool)
    await asyncio.gather(*(batch.write(_hit(number)) for number in (1, 2, 3)))
    assert spool.dropped == 3
