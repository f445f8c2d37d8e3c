"""People stay people, whichever app they tap in; programs are known for what they are."""

import re

import pytest

from social.links import visitors
from social.links.crawlers import GENERIC, SIGNS
from social.links.words import Words

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; SM-S921B Build/AP3A.240905.015; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36"
)
PEOPLE = [
    (f"{IPHONE} Instagram 406.0.0.58 (iPhone16,2; iOS 18_1; fr_FR; fr; scale=3.00; 1290x2796; 789)", "instagram"),
    (f"{ANDROID} Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2340; samsung; IABMV/1) NV/1", "instagram"),
    (f"{IPHONE} Barcelona 350.0.0.20 (iPhone16,2; iOS 18_1; en_US)", "threads"),
    (f"{ANDROID} [FB_IAB/Orca-Android;FBAV/480.0.0.38.109;]", "messenger"),
    (f"{IPHONE} [FBAN/FBIOS;FBAV/480.0.0.30;FBBV/1;FBDV/iPhone16,2;FBMD/iPhone;FBSN/iOS;FBSV/18.1]", "facebook"),
    (f"{ANDROID} [FB_IAB/FB4A;FBAV/480.0.0.38.109;]", "facebook"),
    (f"{ANDROID} MetaIAB Facebook", "facebook"),
    (f"{ANDROID} MetaIAB", "facebook"),
    (f"{ANDROID} [Pinterest/Android]", "pinterest"),
    (f"{IPHONE} [Pinterest/iOS]", "pinterest"),
    (f"{IPHONE} Snapchat/13.10.0.40 (like Safari/8619.2.8, panda)", "snapchat"),
    (f"{IPHONE} Twitter for iPhone/10.60", "x"),
    (f"{IPHONE} [LinkedInApp]/9.30", "linkedin"),
    (f"{ANDROID} musical_ly_2023605030 JsSdk/1.0 NetType/WIFI AppName/musical_ly app_version/36.5.3", "tiktok"),
    ("Mozilla/5.0 (Linux; Android 15; AP3A.240617.008) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", None),
    (f"{IPHONE} Version/18.1 Safari/604.1", None),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
        None,
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", None),
]
PREVIEWS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
    "Pinterest/0.2 (+http://www.pinterest.com/)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "WhatsApp/2.23.20.0 A",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
]
ROBOTS = [
    "facebookcatalog/1.0",
    "meta-externalads/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (X11; Linux x86_64; Storebot-Google/1.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; "
    "TikTokSpider; ttspider-feedback@tiktok.com)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "",
]
MONITORS = [
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 StatusCake",
    "Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Uptime-Kuma/1.23.13",
    "Amazon-Route53-Health-Check-Service (ref 6d1b; report http://amzn.to/1vsZADi)",
    "ELB-HealthChecker/2.0",
    "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
    "kube-probe/1.31",
    "check_http/v2.4.0 (monitoring-plugins 2.4.0)",
    "Blackbox Exporter/0.25.0",
]
AHEAD = [
    "Pinterest/12.40 CFNetwork/1568.100.1 Darwin/24.0.0",
    "com.zhiliaoapp.musically/2023605030 (Linux; U; Android 15; fr_FR; SM-S921B)",
    f"{ANDROID} thirdLandingPageFeInfra",
]


@pytest.mark.parametrize(("agent", "network"), PEOPLE)
def test_people_are_people_in_every_browser(agent: str, network: str | None) -> None:
    visit = visitors.look("GET", {b"user-agent": agent.encode()})
    assert (visit.kind, visit.in_app) == ("human", network)


@pytest.mark.parametrize("agent", PREVIEWS)
def test_a_program_that_shows_a_card_is_a_preview(agent: str) -> None:
    assert visitors.classify("GET", {b"user-agent": agent.encode()}) == "preview"


@pytest.mark.parametrize("agent", MONITORS)
def test_who_only_looks_whether_a_link_answers_is_a_monitor(agent: str) -> None:
    assert visitors.classify("GET", {b"user-agent": agent.encode(), b"purpose": b"prefetch"}) == "monitor"


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_robot_is_a_bot(agent: str) -> None:
    assert visitors.classify("GET", {b"user-agent": agent.encode()}) == "bot"


@pytest.mark.parametrize("agent", AHEAD)
def test_an_app_that_fetches_before_the_tap_is_a_prefetch(agent: str) -> None:
    assert visitors.classify("GET", {b"user-agent": agent.encode()}) == "prefetch"


def test_words_are_found_as_one_expression_of_all_of_them_finds_them() -> None:
    words = Words(GENERIC, SIGNS)
    expression = re.compile("|".join((*GENERIC, *SIGNS.values())), re.IGNORECASE)
    samples = [PEOPLE[0][0], PREVIEWS[1], "", "Caf\u00c9 \u00df\u00ff libhttp gNews"]
    others = [*(agent for agent, _ in PEOPLE), *PREVIEWS, *ROBOTS, *MONITORS, *AHEAD]
    pieces = [
        *(each.strip("^").replace("\\", "") for each in GENERIC),
        *SIGNS,
        "Gnews",
        " CuBot_",
        "camscan",
        "| ();x;",
    ]
    texts = [
        text
        for sample in samples
        for piece in pieces
        for text in (f"{piece}{sample}", f"{sample[:12]}{piece.upper()}{sample[12:]}", f"{sample} {piece.title()}")
    ]
    assert [text for text in (*others, *texts) if words.are_in(text) != bool(expression.search(text))] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"purpose", b"prefetch"),
        (b"sec-purpose", b"prefetch;prerender"),
        (b"x-purpose", b"preview"),
        (b"x-moz", b"prefetch"),
    ],
)
def test_a_browser_that_looks_ahead_says_so(name: bytes, value: bytes) -> None:
    headers = {b"user-agent": PEOPLE[0][0].encode(), name: value}
    assert visitors.classify("GET", headers) == "prefetch"


def test_a_crawler_that_prefetches_is_still_a_crawler() -> None:
    assert visitors.classify("GET", {b"user-agent": PREVIEWS[0].encode(), b"purpose": b"prefetch"}) == "preview"


@pytest.mark.parametrize("agent", [*ROBOTS, "python-requests/2.32", "curl/8", ""])
def test_a_robot_that_claims_to_look_ahead_is_still_a_robot(agent: str) -> None:
    assert visitors.classify("GET", {b"user-agent": agent.encode(), b"sec-purpose": b"prefetch"}) == "bot"


def test_head_is_a_head_whoever_sends_it() -> None:
    assert {visitors.classify("HEAD", {b"user-agent": agent.encode()}) for agent in (PREVIEWS[0], IPHONE)} == {"head"}


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE, "phone"),
        (ANDROID, "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", "tablet"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "computer",
        ),
        ("curl/8.5.0", "other"),
    ],
)
def test_the_device_is_told_in_four_classes(agent: str, device: str) -> None:
    assert visitors.look("GET", {b"user-agent": agent.encode()}).device == device


@pytest.mark.parametrize("agent", [b"\xff\xfe\x00", b"Mozilla/5.0 " + b"(" * 60_000, b"a-" * 30_000])
def test_an_odd_user_agent_is_taken_for_something(agent: bytes) -> None:
    assert visitors.classify("GET", {b"user-agent": agent}) in ("human", "bot")


def _visitor(address: str, agent: bytes = b"UA", place: bytes = b"shop", salt: bytes = b"s" * 16) -> bytes:
    return visitors.visitor_day(salt, address, agent, place)


def test_a_visitor_is_known_by_network_agent_and_place_for_a_day() -> None:
    assert _visitor("203.0.113.7") == _visitor("203.0.113.99") == _visitor("::ffff:203.0.113.1")
    assert _visitor("2001:db8:1:2::1") == _visitor("2001:db8:1:ffff::9")
    others = {
        _visitor("203.0.114.7"),
        _visitor("203.0.113.7", b"other"),
        _visitor("203.0.113.7", place=b"another shop"),
        _visitor("203.0.113.7", salt=b"t" * 16),
        _visitor("2001:db8:2::1"),
        _visitor("not an address"),
    }
    assert len(others - {_visitor("203.0.113.7")}) == 6
    assert {len(each) for each in others} == {8}


@pytest.mark.parametrize(
    ("headers", "objects"), [({b"sec-gpc": b"1"}, True), ({b"dnt": b"1"}, True), ({b"dnt": b"0"}, False), ({}, False)]
)
def test_who_objects_to_tracking_is_heard(headers: dict[bytes, bytes], objects: bool) -> None:
    assert visitors.objects(headers) is objects
