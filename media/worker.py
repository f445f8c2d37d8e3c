"""A picture child: one process that decodes and draws, with limits, and nothing else in it.

Started by media/pool.py as `python -m media.worker MEGABYTES SECONDS`; tasks come by standard input, answers go by
standard output. Whatever a picture does to this process, the server only sees it end.
"""

import ctypes
import os
import resource
import signal
import sys
import time
import traceback
import warnings

from media import intake, render
from media.errors import FontRefused, ImageRefused
from media.looks import layout
from media.tasks import Answer, Broken, Finished, FontTask, Opened, OpenTask, Refused, Tried, pack, read_task, take
from media.typesetting import typefaces

_PR_SET_PDEATHSIG = 1


def main(megabytes: int, seconds: int) -> None:
    """Answer tasks until the server goes away. `megabytes` of address space, `seconds` of CPU for each task."""
    warnings.simplefilter("ignore")
    # The answers' pipe is kept aside: whatever a library may print cannot get between two messages.
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    libc = ctypes.CDLL(None)
    # The end of the pipe tells an idle child that the server is gone; the signal reaches one that is computing.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    layout.templates()
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (body := take(tasks)) is not None:
        _allow_cpu(seconds)
        answers.write(pack(answer(body)))
        answers.flush()
        del body
        libc.malloc_trim(0)


def answer(body: bytes) -> Answer:
    """Do one task. Refusals and mistakes are answers too."""
    try:
        task = read_task(body)
        if isinstance(task, OpenTask):
            return Opened(intake.open_picture(task.data))
        if isinstance(task, FontTask):
            return Tried(typefaces.check(task.data))
        return Finished(render.draw(task.master, task.drawing, task.others, task.fonts))
    except (ImageRefused, FontRefused) as refusal:
        facts = {key: value for key, value in refusal.facts.items() if isinstance(value, str | int | float | list)}
        return Refused(refusal.slug, refusal.detail, {key: _plain(value) for key, value in facts.items()})
    except Exception:  # noqa: BLE001  # The server logs it; this process goes on with the next picture.
        return Broken(traceback.format_exc(limit=-6))


def _plain(value: object) -> str | int | float | list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


def _allow_cpu(seconds: int) -> None:
    """The limit counts from the start of the process: move it ahead before each task."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
