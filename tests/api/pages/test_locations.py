"""Where an answer may send a browser: to a page of ours, whatever it is made of."""

import pytest

from api.pages import locations
from api.pages.locations import UnsafeLocation

AWAY = ["https://evil.example", "//evil.example", "/\\evil.example", "/a b", "/\t/evil.example", "evil", "", "/é"]


@pytest.mark.parametrize("path", AWAY)
def test_nobody_is_sent_away(path: str) -> None:
    for send in (locations.own, locations.moved):
        with pytest.raises(UnsafeLocation):
            send(path)


def test_who_is_told_that_a_page_has_moved_keeps_neither_the_answer_nor_loses_where_they_came_from() -> None:
    moved = locations.moved("/s/atelier/robe-brume?sl=abc")
    assert (moved.status_code, moved.headers["location"]) == (301, "/s/atelier/robe-brume?sl=abc")
    assert moved.headers["cache-control"] == "private, no-store"
    assert "referrer-policy" not in moved.headers
