"""The built-in formats. Where several networks take one canvas there is one format, with the strictest of their limits.

What their sources say was read in November 2026; those of third parties are named as such.
"""

from typing import Final

from media.formats.format import Format
from media.frame import Box
from media.outputs import Output

_JPEG: Final[tuple[Output, ...]] = ("jpeg",)
_JPEG_OR_WEBP: Final[tuple[Output, ...]] = ("jpeg", "webp")
_INSTAGRAM = "Instagram Graph API, IG User media reference, 2026-09"
# Meta's documents say 10 MB of a page's photo, and its error 1366046 says 4 MB: the smaller is taken.
_FACEBOOK_BYTES = 4_000_000
_PIN_BYTES = 10_000_000  # Pinterest's help has said 10, 20 and 32 MB.
_THUMBNAIL_BYTES = 2_000_000  # YouTube's API has said 2 and 50 MB.
_CARD_BYTES = 5_000_000

# Square, portrait and landscape stand on pages of one's own, too, in any type of file.
# The grid of an Instagram profile shows tiles of 3:4: the middle 1012 x 1350 of a portrait, 810 x 1080 of a square, and
# of 9:16 what lies between y = 240 and 1680. Words of a portrait and of a reel's cover stay inside of that.
SQUARE = Format(
    slug="square",
    name="Square 1:1",
    width=1080,
    height=1080,
    safe=Box(64, 64, 1016, 1016),
    source=f"{_INSTAGRAM}; Facebook Page photos, 2026-11",
    max_bytes=_FACEBOOK_BYTES,
    networks=("instagram", "facebook", "threads", "linkedin"),
)
PORTRAIT = Format(
    slug="portrait",
    name="Portrait 4:5",
    width=1080,
    height=1350,
    safe=Box(64, 64, 1016, 1286),
    source=f"{_INSTAGRAM}; Facebook Page photos, Threads and X media, 2026-11",
    max_bytes=_FACEBOOK_BYTES,
    networks=("instagram", "facebook", "threads", "linkedin", "x"),
)
# 1080 x 565 would be wider than 1.91:1, and Instagram would refuse it.
LANDSCAPE = Format(
    slug="landscape",
    name="Landscape 1.91:1",
    width=1080,
    height=566,
    safe=Box(56, 48, 1024, 518),
    source=_INSTAGRAM,
    networks=("instagram", "threads"),
)
# The profile's tile, whole. Instagram's app takes it; its API refuses what is taller than 4:5.
PORTRAIT_TALL = Format(
    slug="portrait-tall",
    name="Tall portrait 3:4, posted by hand",
    width=1080,
    height=1440,
    safe=Box(64, 64, 1016, 1376),
    source="Instagram Help, photo sizes, as quoted in 2026-11",
    outputs=_JPEG,
    networks=("instagram",),
)
# 14 % above, 20 % below and 6 % at the sides belong to the story's own interface.
STORY = Format(
    slug="story",
    name="Story 9:16",
    width=1080,
    height=1920,
    safe=Box(65, 269, 1015, 1536),
    source="Meta, stories safe zones, 2026-11",
    outputs=_JPEG,
    networks=("instagram", "facebook", "whatsapp"),
)
# 35 % below are the reel's own interface. In the feed its middle square is shown, which begins at y = 420.
REEL_COVER = Format(
    slug="reel-cover",
    name="Reel cover 9:16",
    width=1080,
    height=1920,
    safe=Box(65, 420, 1015, 1248),
    source=f"{_INSTAGRAM}; Meta Ads Guide, reels safe zones, as quoted in 2026-11",
    outputs=_JPEG,
    networks=("instagram", "facebook"),
)
# TikTok publishes a template and no numbers: the strictest of what was measured on it, buttons at the right included.
TIKTOK_PHOTO = Format(
    slug="tiktok-photo",
    name="TikTok photo 9:16",
    width=1080,
    height=1920,
    safe=Box(120, 240, 940, 1260),
    covered=(Box(780, 960, 1080, 1920),),
    source="TikTok for Developers, media transfer guide, 2026-11; safe area by third parties",
    max_bytes=20_000_000,
    outputs=_JPEG_OR_WEBP,
    networks=("tiktok",),
)
YOUTUBE_SHORT = Format(
    slug="youtube-short",
    name="YouTube Short 9:16",
    width=1080,
    height=1920,
    safe=Box(48, 288, 888, 1248),
    source="YouTube Help and Google Ads Help, Shorts safe areas, as quoted in 2026-11",
    max_bytes=_THUMBNAIL_BYTES,
    outputs=_JPEG,
    networks=("youtube",),
)
# One picture for stories, reels, TikTok and Shorts: inside of all their safe areas, within all their limits.
VERTICAL = Format(
    slug="vertical",
    name="Any vertical 9:16",
    width=1080,
    height=1920,
    safe=Box(120, 288, 888, 1248),
    covered=(Box(780, 960, 1080, 1920),),
    source="The strictest of story, reel, TikTok and Shorts, 2026-11",
    max_bytes=_THUMBNAIL_BYTES,
    outputs=_JPEG,
    networks=("instagram", "facebook", "tiktok", "youtube", "whatsapp"),
)
# Carousels of pins take two to five of either, all alike; the cover of a video pin is one, too.
PIN = Format(
    slug="pin",
    name="Pin 2:3",
    width=1000,
    height=1500,
    safe=Box(60, 60, 940, 1440),
    source="Pinterest, pin specifications, 2026-11",
    max_bytes=_PIN_BYTES,
    outputs=_JPEG,
    networks=("pinterest",),
)
PIN_SQUARE = Format(
    slug="pin-square",
    name="Square pin 1:1",
    width=1000,
    height=1000,
    safe=Box(60, 60, 940, 940),
    source="Pinterest, pin specifications, 2026-11",
    max_bytes=_PIN_BYTES,
    outputs=_JPEG,
    networks=("pinterest",),
)
X_POST = Format(
    slug="x-post",
    name="X post 16:9",
    width=1600,
    height=900,
    safe=Box(80, 64, 1520, 836),
    source="X API, media best practices, 2026-11; pixels by third parties",
    max_bytes=_CARD_BYTES,
    outputs=_JPEG_OR_WEBP,
    networks=("x",),
)
LINKEDIN_POST = Format(
    slug="linkedin-post",
    name="LinkedIn post 1.91:1",
    width=1200,
    height=627,
    safe=Box(64, 56, 1136, 571),
    source="LinkedIn Images API, as quoted in 2026-11; it names no limit of bytes, 5 MB is ours",
    max_bytes=_CARD_BYTES,
    outputs=_JPEG,
    networks=("linkedin",),
)
# Readers that crop a card to a square keep its middle. WhatsApp leaves out cards above 300 KB by some accounts.
LINK_CARD = Format(
    slug="link-card",
    name="Link card 1.91:1",
    width=1200,
    height=630,
    safe=Box(100, 60, 1100, 570),
    source="Meta, Sharing: images in link shares, 2026-06; WhatsApp's 300 KB by third parties",
    max_bytes=300_000,
    outputs=_JPEG,
    networks=("facebook", "linkedin", "whatsapp", "x"),
)
# X shows 2:1 whole; a link card of 1.91:1 loses a strip above and below there.
X_CARD = Format(
    slug="x-card",
    name="X card 2:1",
    width=1200,
    height=600,
    safe=Box(80, 56, 1120, 544),
    source="X, cards: summary with large image, as quoted in 2026-11",
    max_bytes=_CARD_BYTES,
    outputs=_JPEG_OR_WEBP,
    networks=("x",),
)
# The stamp with the video's length lies in the lower right corner.
YOUTUBE_THUMBNAIL = Format(
    slug="youtube-thumbnail",
    name="YouTube thumbnail 16:9",
    width=1280,
    height=720,
    safe=Box(64, 48, 1216, 672),
    covered=(Box(1000, 600, 1280, 720),),
    source="YouTube Data API, thumbnails.set, 2026-11; the stamp's place was measured",
    max_bytes=_THUMBNAIL_BYTES,
    outputs=_JPEG,
    networks=("youtube",),
)
VIDEO_THUMBNAIL = Format(
    slug="video-thumbnail",
    name="Video thumbnail 16:9",
    width=1280,
    height=720,
    safe=Box(64, 48, 1216, 672),
    source="Usual size of a player; Dailymotion and Vimeo publish none, 2026-11",
    max_bytes=_THUMBNAIL_BYTES,
    outputs=_JPEG,
    networks=("dailymotion", "vimeo"),
)
# Catalogs want the product and no words: 500 x 500 is the least that Meta takes and Google will from 2027-01-31.
CATALOG = Format(
    slug="catalog",
    name="Catalog picture 1:1",
    width=1500,
    height=1500,
    safe=Box(75, 75, 1425, 1425),
    source="Meta catalog fields, Google Merchant Center product data, 2026-11",
    outputs=_JPEG,
    networks=("facebook", "instagram", "google", "pinterest", "tiktok", "snapchat"),
)

# In the order in which they are shown.
BUILT_IN: Final = (
    SQUARE,
    PORTRAIT,
    LANDSCAPE,
    PORTRAIT_TALL,
    STORY,
    REEL_COVER,
    TIKTOK_PHOTO,
    YOUTUBE_SHORT,
    VERTICAL,
    PIN,
    PIN_SQUARE,
    X_POST,
    LINKEDIN_POST,
    LINK_CARD,
    X_CARD,
    YOUTUBE_THUMBNAIL,
    VIDEO_THUMBNAIL,
    CATALOG,
)
