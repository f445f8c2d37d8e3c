"""How visits from networks that have no file of their own yet give themselves away.

A network that gets its file in `social/networks/` brings its own OriginRule, which then stands before the one here.
"""

from datetime import date

from social.network import OriginRule, Source, networks

_SOURCE = Source(
    name="matomo-org/searchengine-and-social-list (CC0) 2026-07-15; ua-parser/uap-core 2026-08-11; "
    "matomo-org/device-detector 2026-08-19; click identifiers by their owners' conversion APIs",
    checked=date(2026, 11, 21),
)

STRANGERS: dict[str, OriginRule] = {
    "threads": OriginRule(
        hosts=("threads.net", "threads.com"),
        packages=("com.instagram.barcelona",),
        in_app=r"\bBarcelona[ /]\d",
        precedence=20,
        utm_sources=("threads",),
        source=_SOURCE,
    ),
    "messenger": OriginRule(
        hosts=("messenger.com",),
        packages=("com.facebook.orca",),
        in_app=r"MessengerForiOS|MessengerLiteForiOS|FB_IAB/(?:MESSENGER|Orca-Android)|FBAN/(?:Orca|MessengerLite|mLite)",
        precedence=30,
        utm_sources=("messenger",),
        source=_SOURCE,
    ),
    "facebook": OriginRule(
        hosts=("facebook.com", "fb.com", "fb.me"),
        packages=("com.facebook.katana",),
        in_app=r"\bFBA[NV]/|\bFB_IAB/|\bFBSV/|\bFBBV/|\bMetaIAB\b|\[FB",
        precedence=40,
        utm_sources=("fb", "facebook"),
        source=_SOURCE,
    ),
    "meta": OriginRule(hosts=(), utm_sources=("meta", "igshopping"), source=_SOURCE),
    "snapchat": OriginRule(
        hosts=("snapchat.com",),
        packages=("com.snapchat.android",),
        in_app=r"\bSnapchat[/ ]?\d",
        precedence=60,
        click_ids=("ScCid",),
        utm_sources=("snapchat", "sc"),
        source=_SOURCE,
    ),
    "x": OriginRule(
        hosts=("t.co", "twitter.com", "x.com"),
        packages=("com.twitter.android",),
        in_app=r"\bTwitter for (?:iPhone|iPad|Android)|\bTwitterAndroid\b",
        precedence=70,
        click_ids=("twclid",),
        utm_sources=("twitter", "x", "t.co"),
        source=_SOURCE,
    ),
    "linkedin": OriginRule(
        hosts=("linkedin.com", "lnkd.in"),
        packages=("com.linkedin.android", "linkedin.android"),
        in_app=r"\bLinkedInApp\b",
        precedence=80,
        click_ids=("li_fat_id",),
        utm_sources=("linkedin", "li"),
        source=_SOURCE,
    ),
    "tiktok": OriginRule(
        hosts=("tiktok.com",),
        packages=("com.zhiliaoapp.musically",),
        in_app=r"musical_ly|\btrill_|BytedanceWebview|\bTikTok[ /]\d|AppName/(?:musical_ly|trill|ultralite)"
        r"|\bmusically_go\b",
        precedence=90,
        click_ids=("ttclid",),
        utm_sources=("tiktok", "tt"),
        source=_SOURCE,
    ),
    "viber": OriginRule(hosts=(), in_app=r"(?<!^)\bViber\b", precedence=100, source=_SOURCE),
    "telegram": OriginRule(
        hosts=("t.me", "web.telegram.org"),
        packages=("org.telegram.messenger",),
        in_app=r"\bTelegram-Android/|\bTelegram/\d",
        precedence=110,
        utm_sources=("telegram", "tg"),
        source=_SOURCE,
    ),
    "youtube": OriginRule(
        hosts=("youtube.com", "youtu.be"),
        packages=("com.google.android.youtube",),
        utm_sources=("youtube", "yt"),
        source=_SOURCE,
    ),
    "vimeo": OriginRule(hosts=("vimeo.com",), utm_sources=("vimeo",), source=_SOURCE),
    "dailymotion": OriginRule(hosts=("dailymotion.com", "dai.ly"), utm_sources=("dailymotion",), source=_SOURCE),
    "reddit": OriginRule(
        hosts=("reddit.com",),
        packages=("com.reddit.frontpage",),
        click_ids=("rdt_cid", "rdclid"),
        utm_sources=("reddit",),
        source=_SOURCE,
    ),
    "whatsapp": OriginRule(
        hosts=("web.whatsapp.com", "wa.me"),
        packages=("com.whatsapp",),
        utm_sources=("whatsapp", "wa"),
        source=_SOURCE,
    ),
    "discord": OriginRule(hosts=("discord.com", "discord.gg", "discordapp.com"), source=_SOURCE),
    "bluesky": OriginRule(hosts=("bsky.app", "skyfeed.app"), source=_SOURCE),
    "tumblr": OriginRule(hosts=("tumblr.com", "t.umblr.com"), source=_SOURCE),
    "google": OriginRule(
        hosts=(),
        packages=("com.google.android.googlequicksearchbox",),
        host_pattern=r"^(?:[a-z0-9-]+\.)*google\.[a-z]{2,3}(?:\.[a-z]{2})?$",
        click_ids=("gclid", "gbraid", "wbraid", "gad_source", "gad_campaignid"),
        utm_sources=("google",),
        source=_SOURCE,
    ),
    "microsoft": OriginRule(hosts=("bing.com",), click_ids=("msclkid",), source=_SOURCE),
    "email": OriginRule(hosts=(), utm_sources=("newsletter", "email"), source=_SOURCE),
}


def rules() -> list[tuple[str, OriginRule]]:
    """Every network we can recognise, with its rule: those with a file, then the strangers; lowest precedence first."""
    known = STRANGERS | {each.slug: each.origin for each in networks()}
    return sorted(known.items(), key=lambda each: each[1].precedence)
