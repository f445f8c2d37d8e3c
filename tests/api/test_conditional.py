"""Reads that were read before answer 304, and only while nothing at all has changed."""

import httpx2
import pytest

from tests.api.test_catalog import a_dress, a_variant


async def again(client: httpx2.AsyncClient, path: str, tag: str) -> httpx2.Response:
    return await client.get(path, headers={"If-None-Match": tag})


async def test_what_was_read_before_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    product = await a_dress(client)
    for path in ("/v1/shop", "/v1/products", f"/v1/products/{product['id']}", "/v1/formats"):
        first = await client.get(path)
        tag = first.headers["etag"]
        second = await again(client, path, tag)
        assert (second.status_code, second.content, second.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in second.headers
        assert "content-length" not in second.headers
        assert (await again(client, path, f'"x", {tag}')).status_code == 304
        assert (await again(client, path, "*")).status_code == 304
        assert (await again(client, path, '"1"')).content == first.content
        head = await client.head(path)
        assert (head.status_code, head.headers["etag"]) == (200, tag)


async def test_a_sale_makes_the_product_read_anew(client: httpx2.AsyncClient, storefront: httpx2.AsyncClient) -> None:
    variant = await a_variant(client)
    product = (await client.get(f"/v1/variants/{variant}")).json()["product_id"]
    paths = [f"/v1/products/{product}", f"/v1/variants/{variant}", f"/v1/variants/{variant}/stock", "/v1/products"]
    tags = {path: (await storefront.get(path)).headers["etag"] for path in paths}
    assert [(await again(storefront, path, tags[path])).status_code for path in paths] == [304] * 4
    await client.post(f"/v1/variants/{variant}/stock-movements", json={"delta": -1})
    read = [await again(storefront, path, tags[path]) for path in paths]
    assert [each.status_code for each in read] == [200] * 4
    assert read[0].json()["variants"][0]["available"] == 4


async def test_the_tag_of_a_read_is_what_a_change_names(client: httpx2.AsyncClient) -> None:
    path = f"/v1/products/{(await a_dress(client))['id']}"
    read = await client.get(path)
    assert read.headers["etag"].startswith('"1-')
    changed = await client.patch(path, json={"title": "A"}, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = await client.patch(path, json={"title": "B"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412
    weak = await client.patch(path, json={"title": "B"}, headers={"If-Match": 'W/"2"'})
    assert weak.status_code == 412


async def test_a_front_end_may_keep_what_it_asks_about_again(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient
) -> None:
    await a_dress(client)
    read = await storefront.get("/v1/products")
    assert read.headers["cache-control"] == "private, max-age=0, must-revalidate"
    assert {"Authorization", "Origin"} <= set(", ".join(read.headers.get_list("vary")).split(", "))
    known = await again(storefront, "/v1/products", read.headers["etag"])
    assert (known.status_code, known.headers["cache-control"]) == (304, read.headers["cache-control"])
    assert (await client.get("/v1/products")).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/v1/products/prod_00000000000000000000000000", "/v1/products?limit=0", "/v1/no"])
async def test_a_problem_has_no_tag(client: httpx2.AsyncClient, path: str) -> None:
    answer = await again(client, path, "*")
    assert answer.status_code >= 400
    assert "etag" not in answer.headers
