"""What the guide to production says can be done as it says."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from api.cli import main
from core import settings
from core.settings import DEVELOPMENT_KEY, Settings
from tests.house.source import ROOT

FOLDER = ROOT / "docs" / "production"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *FOLDER.glob("*.service")])
# A command line in a block or a unit, and one in a sentence.
LINE = re.compile(r"^(?:.*?[ =])?(?:/opt/vitrine/)?(?:\.venv/bin/)?vitrine (?P<words>[a-z][^`|\n]*)$", re.MULTILINE)
INLINE = re.compile(r"`(?:\.venv/bin/)?vitrine (?P<words>[a-z-][^`]*)`")
BLOCK = re.compile(r"^```sh\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def configured(**changes: str) -> Settings:
    """The settings that the example's environment gives, read as a shell and systemd read it."""
    lines = [line for line in (FOLDER / "vitrine.env").read_text().splitlines() if line and not line.startswith("#")]
    found = dict(word.split("=", 1) for line in lines for word in shlex.split(line))
    return settings.load(found | changes)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every call of our program, with the page that makes it."""
    for path in PAGES:
        text = path.read_text().replace("\\\n", " ")
        parts = [text] if path.suffix == ".service" else [each["text"] for each in BLOCK.finditer(text)]
        called = [each["words"] for part in parts for each in LINE.finditer(part)]
        called += [each["words"].replace("\n", " ") for each in INLINE.finditer(text)]
        for words in called:
            yield path.name, shlex.split(words.replace("%i", "8000"), comments=True)


def test_the_example_of_an_environment_is_enough_once_it_has_a_secret_key() -> None:
    with pytest.raises(ValueError, match="VITRINE_SECRET_KEYS is empty"):
        configured()
    found = configured(VITRINE_SECRET_KEYS="A" * 43 + "=")
    assert found.public_url == "https://shop.example"
    assert found.database == "postgresql://vitrine@/vitrine?host=/run/postgresql"
    assert found.trusted_proxies == ("127.0.0.1/32",)


def test_behind_https_the_key_that_everybody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="development key"):
        configured(VITRINE_SECRET_KEYS=DEVELOPMENT_KEY)


def test_every_command_that_a_page_names_is_there_with_its_options() -> None:
    seen = set()
    for page, words in commands():
        command: click.Command = main
        for word in words:
            if not isinstance(command, click.Group) or word.startswith("-"):
                break
            assert word in command.commands, f"{page}: vitrine … {word}"
            command = command.commands[word]
        options = [word.partition("=")[0] for word in words if word.startswith("-")]
        there = {name for each in command.params for name in each.opts + each.secondary_opts} | {"--help"}
        assert set(options) <= there, f"{page}: vitrine {command.name} {options}"
        seen.add(command.name)
    assert {"serve", "worker", "migrate", "backup", "restore", "doctor", "create", "revoke", "up"} <= seen


def test_a_proxy_lets_idle_connections_go_before_a_server_that_stops_closes_them() -> None:
    drain = configured(VITRINE_SECRET_KEYS="A" * 43 + "=").drain_seconds
    nginx, caddy = (FOLDER / "nginx.conf").read_text(), (FOLDER / "Caddyfile").read_text()
    kept = re.findall(r"^\s*keepalive(?:_timeout)? (\d+)s;?$", nginx + caddy, re.MULTILINE)
    looks = re.findall(r"health_interval (\d+)s", caddy)
    assert (len(kept), len(looks)) == (2, 1)
    assert max(map(int, kept + looks)) < drain
    assert nginx.count("max_fails=0;") == 2, "one that is marked as failed is not asked, even when the other goes"


def test_a_proxy_takes_every_body_that_a_server_takes() -> None:
    allowed = re.search(r"client_max_body_size (\d+)m;", (FOLDER / "nginx.conf").read_text())
    assert allowed is not None
    largest = max(Settings.model_fields[name].default for name in ("picture_max_bytes", "catalog_max_bytes"))
    assert int(allowed[1]) * 2**20 > largest
    assert "max_size" not in (FOLDER / "Caddyfile").read_text(), "Caddy answers 502 to a body beyond it"
