"""A network that nobody can rely on."""

import random
from collections.abc import Mapping

from tests.checkout.conftest import Till


class Network(Till):
    """A till whose webhooks may get lost on the way; what was lost can still be said later, byte for byte."""

    dice = random.Random(0)
    losing = 0.0

    async def _deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.dice.random() < self.losing:
            signature = {name.lower(): value for name, value in headers.items()}["stripe-signature"]
            self.deliveries.append((body, signature))
            return 503
        return await super()._deliver(url, body, headers)
