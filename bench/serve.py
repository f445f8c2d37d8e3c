"""`python -m bench.serve ours|bare PORT`: a server to measure; both run with the application's own server settings."""

import asyncio
import sys
from typing import cast

import uvloop

from api.app import Application, create_app
from api.running import garbage, server
from bench.redirect import bare
from core import settings


class Bare:
    """The bare application where the server expects ours."""

    def __init__(self) -> None:
        self.settings = settings.load()

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """Answer."""
        await bare(scope, receive, send)  # type: ignore[arg-type]  # Plain dictionaries, as servers send them.


def main() -> None:
    """Serve until SIGTERM."""
    what, port = sys.argv[1], int(sys.argv[2])
    app = create_app() if what == "ours" else cast(Application, Bare())
    garbage.settle()
    garbage.settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(app, "127.0.0.1", port))


if __name__ == "__main__":
    main()
