"""A court in front of the local Stripe: everything that goes through is held to Stripe's OpenAPI file."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from litestar.types import HTTPScope, Message, Receive, Send

from checkout.sandbox.server import Sandbox
from tests.stripe_spec import spec

Deliver = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]


class Judge:
    """Stands between a caller and the sandbox, as ASGI, and between the sandbox and a receiver.

    An answer of the sandbox must have the shape of the document, and a request that the document forbids must not
    succeed; with `strict` it must not even be made. What a scripted fault says is nobody's word.
    """

    def __init__(self, *, strict: bool) -> None:
        self.found: list[str] = []
        self.judged = 0
        self._strict = strict

    def before(self, sandbox: Sandbox) -> Callable[[HTTPScope, Receive, Send], Awaitable[None]]:
        """The sandbox as an application, judged."""

        async def judged(scope: HTTPScope, receive: Receive, send: Send) -> None:
            if not scope["path"].startswith("/v1/"):
                await sandbox(scope, receive, send)
                return
            asked, said, started = bytearray(), bytearray(), [0]

            async def hear() -> Message:
                message = await receive()
                if message["type"] == "http.request":
                    asked.extend(message["body"])
                return message  # type: ignore[return-value]  # Litestar names what is received and sent apart.

            async def speak(message: Message) -> None:
                if message["type"] == "http.response.start":
                    started[0] = message["status"]
                elif message["type"] == "http.response.body":
                    said.extend(message["body"])
                await send(message)

            script = sandbox.desk.faults.taken
            await sandbox(scope, hear, speak)  # type: ignore[arg-type]  # as above
            if script == sandbox.desk.faults.taken:
                form = bytes(asked) if scope["method"] == "POST" else scope["query_string"]
                self._weigh(scope["method"], scope["path"], form, started[0], bytes(said))

        return judged

    def hearing(self, deliver: Deliver) -> Deliver:
        """A receiver whose webhooks are judged."""

        async def judged(url: str, body: bytes, headers: Mapping[str, str]) -> int:
            self.judged += 1
            self.found += [f"event {msgspec.json.decode(body)['type']} {wrong}" for wrong in spec().event(body)]
            return await deliver(url, body, headers)

        return judged

    def acquit(self) -> None:
        """Fail with everything that was wrong."""
        assert not self.found, "\n".join(dict.fromkeys(self.found))

    def _weigh(self, method: str, path: str, form: bytes, status: int, said: bytes) -> None:
        self.judged += 1
        self.found += [f"{method} {path} {status}: {wrong}" for wrong in spec().answer(method, path, status, said)]
        if self._strict or status < 400:
            self.found += [f"{method} {path} asked: {wrong}" for wrong in spec().request(method, path, form)]
