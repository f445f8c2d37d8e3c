"""Networks over HTTP: every fact that a front end needs to say what fits, with its source."""

import httpx2
import pytest

from social.network import networks

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


async def test_every_network_tells_its_rules_with_source_and_date(client: httpx2.AsyncClient) -> None:
    answer = (await client.get("/v1/networks")).json()
    assert [each["slug"] for each in answer["items"]] == [each.slug for each in networks()]
    assert answer["next_cursor"] is None
    for each in answer["items"]:
        for placement in each["placements"]:
            rules = [placement[name] for name in ("image", "text", "tags", "link", "carousel") if placement[name]]
            assert all(len(rule["source"]["name"]) > 10 and rule["source"]["checked"] for rule in rules)
            assert placement["formats"]


async def test_one_network_is_read_by_its_slug(client: httpx2.AsyncClient) -> None:
    answer = (await client.get("/v1/networks/instagram")).json()
    feed = answer["placements"][0]
    assert (answer["name"], feed["slug"], feed["text"]["caption"]) == (
        "Instagram", "feed", {"max": 2200, "unit": "characters"},
    )  # fmt: skip
    assert (feed["tags"]["per_image"], feed["carousel"]["max"], feed["image"]["max_bytes"]) == (5, 10, 8 * 2**20)
    assert feed["link"]["where"] == "bio"


async def test_an_unknown_network_is_not_found(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/networks/myspace")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "network-not-found")
    assert "instagram" in answer.json()["known"]


async def test_networks_are_for_secret_keys(storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    assert (await storefront.get("/v1/networks")).status_code == 403
    assert (await visitor.get("/v1/networks")).status_code == 401
