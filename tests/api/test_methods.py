"""What an address says about its methods."""

import httpx2

from api.app import Application
from tests.api.surface import expect_problem, methods, unknown


def named(answer: httpx2.Response) -> set[str]:
    """The methods of an Allow header."""
    return set(answer.headers["allow"].split(", "))


async def test_options_names_every_method_of_every_address(app: Application, client: httpx2.AsyncClient) -> None:
    for template, expected in methods(app).items():
        path = "/".join(unknown("none") if part.startswith("{") else part for part in template.split("/"))
        answer = await client.request("OPTIONS", path)
        assert answer.status_code == 204
        assert named(answer) == expected | ({"HEAD"} if "GET" in expected else set()), path


async def test_a_method_that_is_not_there_is_told_before_its_content_type(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/assets", "/v1/imports"):
        answer = await client.put(path, files={"file": ("a", b"a")})
        expect_problem(answer, 405, "method-not-allowed")
        assert "POST" in named(answer)


async def test_a_bare_number_is_no_moment(client: httpx2.AsyncClient) -> None:
    for moment in ("0.5", "1763713800", "2026-11-21", "2026-11-21T09:30:00", "2026-02-30T09:30:00Z"):
        expect_problem(await client.get("/v1/orders", params={"created_to": moment}), 400, "bad-request")
