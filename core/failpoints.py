"""Named places where a test may kill the process, to prove that nothing is lost there.

Armed through VITRINE_FAILPOINT, in tests only; reaching one that is not armed costs a comparison.
"""

import os
import signal

_armed = ""


def arm(name: str) -> None:
    """Die at the failpoint of this name; an empty name disarms."""
    global _armed  # noqa: PLW0603  # One process, one failpoint: it dies there.
    _armed = name


def reach(name: str) -> None:
    """SIGKILL this process when `name` is armed: no clean-up, no goodbye, like a power cut."""
    if name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
