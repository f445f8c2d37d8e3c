"""What is kept in git: nothing of one machine, nothing half done, everything pinned."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT, files, texts

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
# Each is written so that it does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work)/")
REGISTRIES = re.compile(r"py[p]i\.org|python[h]osted\.org|registry\.np[m]js|deb\.de[b]ian")
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E])\b|# *(?:XX[X]|HAC[K])\b")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (MACHINE_PATHS, "a path of somebody's machine"),
        (REGISTRIES, "a registry's host: a mirror must do as well"),
        (UNFINISHED, "unfinished work belongs in an issue"),
    ],
    ids=["paths", "registries", "unfinished"],
)
def test_no_file_says(pattern: re.Pattern[str], reason: str) -> None:
    found = [
        f"{path}:{number}"
        for path, text in texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == [], reason


@pytest.mark.parametrize("name", ["app.txt", "dev.txt", "uv.txt"])
def test_requirements_are_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    assert [line for line in lines if not PINNED.match(line) and not HASH.match(line)] == []
    unhashed = [
        line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if PINNED.match(line) and not HASH.match(after)
    ]
    assert unhashed == []


def test_what_pyproject_asks_for_is_what_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    for name, wanted in (("app.txt", project["dependencies"]), ("dev.txt", project["dependencies"] + extras)):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        pins = {canonicalize_name(match["name"]): match["version"] for line in lines if (match := PINNED.match(line))}
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), (
                f"make requirements: {requirement}"
            )


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## \[Unreleased\]\n(?:.*\n)*?- ", text, re.MULTILINE)


def test_links_between_documents_lead_somewhere() -> None:
    found = [
        f"{path} → {target}"
        for path, text in texts()
        if path.endswith(".md")
        for target in LINK.findall(text)
        if not (ROOT / path).parent.joinpath(target).exists()
    ]
    assert found == []


def test_no_lock_file_with_download_hosts_is_kept() -> None:
    assert [path for path in files() if path.rpartition("/")[2] in {"uv.lock", "poetry.lock", "pdm.lock"}] == []
