"""The reference says what the document says, without scripts."""

from httpx2 import AsyncClient


async def test_every_documented_operation_is_on_the_page(visitor: AsyncClient) -> None:
    answer = await visitor.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    described = (await visitor.get("/openapi.json")).json()
    for path, item in described["paths"].items():
        assert f"<code>{path}</code>" in answer.text
        assert all(f'id="{operation["operationId"]}"' in answer.text for operation in item.values())
    for shape in described["components"]["schemas"]:
        assert f'id="{shape}"' in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_links_between_operations_and_shapes_lead_somewhere(visitor: AsyncClient) -> None:
    text = (await visitor.get("/docs")).text
    targets = {part.split('"', 1)[0] for part in text.split('href="#')[1:]}
    assert targets
    assert all(f'id="{target}"' in text for target in targets)
