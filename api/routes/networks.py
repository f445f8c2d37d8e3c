"""`/v1/networks`: what each social network takes, with source and date."""

from litestar import Controller, get
from litestar.params import FromPath

from core.wire import Page
from social import network
from social.network_schemas import NetworkOut


class NetworkController(Controller):
    """Limits, formats, and the rules of tags and links, for each placement."""

    path = "/v1/networks"
    tags = ("Posts",)

    @get(operation_id="listNetworks", opt={"scope": "social:read"})
    async def list(self) -> Page[NetworkOut]:
        """The networks there are; always one page."""
        return Page(items=[NetworkOut.of(each) for each in network.networks()], next_cursor=None)

    @get("/{network_slug:str}", operation_id="getNetwork", opt={"scope": "social:read"})
    async def read(self, network_slug: FromPath[str]) -> NetworkOut:
        """One network."""
        return NetworkOut.of(network.get(network_slug))
