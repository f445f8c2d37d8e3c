"""A tap beside another link shortener: `django-link-shortener` from PyPI, installed into an environment of its own.

It is what could be found that installs from a package, answers with a 302 and counts in a database without further
services. It gets what we have: granian, one process, SQLite in WAL mode. It counts each tap in a transaction before it
answers; it keeps no time, origin or device, and signs nothing. Counted is CPU per tap of all its processes against that
of our server and worker together. Where the registry cannot be reached there is no row.

Looked at and left out: Shlink, Kutt, YOURLS and Dub need a database server or Redis and are in no registry as
something to install; `indiekit-tiny-link` (PyPI) writes all links into a file anew at each tap; `pygmy-url` (PyPI) asks
for a Flask that no longer exists; `short` (npm) needs MongoDB; Debian has clients only.
"""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median

from bench import redirect, serving
from bench.row import Row

PACKAGES = ("django-link-shortener==1.1.0", "django==5.2.6", "granian==2.8.7")
ROUNDS = 3
REQUESTS = 4000
_SITE = """
import os, sys
import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="site_of_theirs", USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "shortener"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.path.dirname(__file__), "db.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 20, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"},
    }},
)
django.setup()
from django.core.wsgi import get_wsgi_application
from django.urls import path
from shortener import views

urlpatterns = [path("l/<str:link>", views.expand)]
application = get_wsgi_application()


def make():
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from shortener import shortener
    call_command("migrate", verbosity=0)
    print(shortener.create(User.objects.create_user("bench"), "http://127.0.0.1/go/abcdefghk?utm_source=instagram"))


def counted():
    from shortener.models import UrlMap
    print(UrlMap.objects.get().usage_count)


if __name__ == "__main__":
    {"make": make, "counted": counted}[sys.argv[1]]()
"""


def rows() -> list[Row]:
    """CPU of their tap ÷ CPU of ours, folding included."""
    with tempfile.TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        return asyncio.run(_rows(Path(folder), python)) if python else []


def _installed(folder: Path) -> Path | None:
    """The interpreter of a fresh environment that has the packages; None where they cannot be had."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=False)
    return python if done.returncode == 0 else None


async def _rows(folder: Path, python: Path) -> list[Row]:
    (folder / "site_of_theirs.py").write_text(_SITE)
    theirs = await _asked(folder, python, "make")
    db, slugs = await redirect.links_in(folder, 1)
    try:
        async with (
            _their_server(folder, python) as other,
            serving.server(folder) as ours,
            serving.worker(folder) as worker,
        ):
            await _in_turns(other[1], theirs, ours[1], slugs[0])
            rounds = []
            for _ in range(ROUNDS):
                before = _family_cpu(other[0]), serving.cpu(ours[0]) + serving.cpu(worker)
                await _in_turns(other[1], theirs, ours[1], slugs[0])
                after = _family_cpu(other[0]), serving.cpu(ours[0]) + serving.cpu(worker)
                rounds.append([(now - then) / REQUESTS for now, then in zip(after, before, strict=True)])
            await redirect.stored(db, (ROUNDS + 1) * REQUESTS)
    finally:
        await db.close()
    if int(await _asked(folder, python, "counted")) != (ROUNDS + 1) * REQUESTS:
        raise RuntimeError("They have lost taps.")
    mine, other_ones = median(b for _, b in rounds) * 1e6, median(a for a, _ in rounds) * 1e6
    note = (
        f"{PACKAGES[0]} on {PACKAGES[2]} and {PACKAGES[1]}, SQLite: {other_ones:.0f} µs of CPU a tap ÷ {mine:.0f} µs, "
        f"folding included; median of {ROUNDS}, {REQUESTS} taps each on one link in turns, every tap counted by both"
    )
    ratio = median(a / b for a, b in rounds)
    return [Row("a tap, django-link-shortener ÷ /l/{slug}", ratio, 5, better="higher", note=note)]


async def _in_turns(their_port: int, theirs: str, port: int, slug: str) -> None:
    for block in range(REQUESTS // redirect.BLOCK):
        await redirect.load(their_port, [f"/l/{theirs}"], redirect.BLOCK, block)
        await redirect.load(port, [f"/l/{slug}"], redirect.BLOCK, block)


def _their_server(folder: Path, python: Path) -> contextlib.AbstractAsyncContextManager[tuple[int, int]]:
    """Granian with its own supervisor and one worker process, whose parent's pid this is; and the port."""

    def command(port: int) -> list[str | Path]:
        how = ["--interface", "wsgi", "--port", str(port), "--no-ws", "--log-level", "error", "--blocking-threads", "1"]
        return [python, "-m", "granian", *how, "site_of_theirs:application"]

    return serving.listening(command, lambda _: serving.environment(), folder)


async def _asked(folder: Path, python: Path, what: str) -> str:
    process = await asyncio.create_subprocess_exec(
        python, "site_of_theirs.py", what, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=sys.stderr
    )
    answer, _ = await process.communicate()
    return answer.decode().strip()


def _family_cpu(pid: int) -> float:
    """Seconds of CPU of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return serving.cpu(pid) + sum(serving.cpu(int(each)) for each in children)
