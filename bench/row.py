"""One line of the table: a name, what was measured, and what was promised."""

from typing import Literal

import msgspec


class Row(msgspec.Struct, frozen=True):
    """A measured value beside its target; `better` says on which side of the target it has to lie.

    `unit` stands behind both: `x` for a ratio within one run, `MiB` for memory. `note` says how the value came about.
    """

    name: str
    value: float
    target: float
    better: Literal["lower", "higher"] = "lower"
    unit: str = "x"
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.target if self.better == "lower" else self.value >= self.target
