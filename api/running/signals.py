"""How a process of ours learns that it has to end: a signal, or a parent that is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def on_ending(act: Callable[[], None], *, tethered: bool = False) -> None:
    """Call `act` in the running loop on SIGTERM, SIGINT and SIGHUP (the terminal is gone).

    `tethered`: also when standard input ends. It is a pipe that the parent holds and never writes to, so that its
    end means that the parent is gone, however it went.
    """
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, act)
    if not tethered:
        return
    line = sys.stdin.fileno()

    def heard() -> None:
        if not os.read(line, 4096):
            loop.remove_reader(line)
            act()

    loop.add_reader(line, heard)
