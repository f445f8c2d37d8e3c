"""Pinterest: a pin with its own link."""

from datetime import date

from media.formats.formats import PIN, PIN_SQUARE
from social.network import (
    Call,
    CarouselRule,
    ImageRule,
    Limit,
    LinkRule,
    Network,
    OriginRule,
    Payload,
    Placeholder,
    Placement,
    Publication,
    Source,
    TagRule,
    TextRule,
)

_CHECKED = date(2026, 11, 21)
_API = Source(name="github.com/pinterest/api-description, OpenAPI v5.23.0 (2025-12-11)", checked=_CHECKED)
_SPECS = Source(name="help.pinterest.com/en/business/article/pinterest-product-specs", checked=_CHECKED)
_PLACEHOLDERS = (
    Placeholder(name="{pinterest_access_token}", meaning="An access token with pins:write and boards:read."),
    Placeholder(
        name="{board_id}", meaning="The board to pin to, digits only: GET https://api.pinterest.com/v5/boards."
    ),
)


def _pin(post: Publication) -> Payload:
    first = post.pictures[0]
    body: dict[str, object] = {
        "board_id": "{board_id}",
        **_said(title=post.title, description=post.caption, link=post.link, alt_text=first.alt_text),
        "media_source": {"source_type": "image_url", "url": first.url} if len(post.pictures) == 1 else _several(post),
    }
    call = Call(
        method="POST",
        url="https://api.pinterest.com/v5/pins",
        headers={"Authorization": "Bearer {pinterest_access_token}", "Content-Type": "application/json"},
        body=body,
        purpose="Make the pin; Pinterest fetches its pictures.",
    )
    return Payload(calls=(call,), placeholders=_PLACEHOLDERS)


def _several(post: Publication) -> dict[str, object]:
    """A carousel: each picture with its own title, description and link (v5.23.0, PinMediaSourceImagesURL)."""
    items = [
        {"url": each.url, **_said(title=each.title, description=each.caption, link=each.link)} for each in post.pictures
    ]
    return {"source_type": "multiple_image_urls", "items": items, "index": 0}


def _said(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


NETWORK = Network(
    slug="pinterest",
    name="Pinterest",
    placements=(
        Placement(
            slug="pin",
            name="Pinterest pin",
            formats=(PIN, PIN_SQUARE),
            # The help page has said 10, 20 and 32 MB; 10 passes all of them.
            image=ImageRule(types=("image/jpeg", "image/png"), max_bytes=10 * 2**20, source=_SPECS),
            text=TextRule(
                # 800 by the API, 500 by the help page: the smaller passes both.
                caption=Limit(500),
                title=Limit(100),
                visible=40,
                alt_text=Limit(500),
                source=Source(name=f"{_API.name}; {_SPECS.name}", checked=_CHECKED),
            ),
            tags=TagRule(
                supported=False,
                note="Pinterest's API takes no product tags: the pin's link carries the product.",
                source=_API,
            ),
            link=LinkRule(
                where="pin",
                caption_clickable=False,
                by_hand=False,
                https=True,
                # Where a pin leads is looked at by machines: the claimed website itself raises no question.
                long_form=True,
                max_length=2048,
                note="The whole pin leads to its link, whose website must be claimed.",
                source=_API,
            ),
            carousel=CarouselRule(min=2, max=5, one_ratio=True, texts=True, alt_texts=False, source=_API),
            payload=_pin,
        ),
    ),
    origin=OriginRule(
        hosts=("pinterest.com", "pin.it"),
        packages=("com.pinterest",),
        host_pattern=r"^(?:[a-z]{2}\.|www\.)?pinterest\.[a-z]{2,4}(?:\.[a-z]{2})?$",
        in_app=r"\[Pinterest/|\bPinterest for (?:Android|iOS)",
        precedence=50,
        click_ids=("epik",),
        utm_sources=("pinterest", "pin"),
        source=Source(
            name=f"matomo-org/searchengine-and-social-list 2026-07-15; ua-parser/uap-core 2026-08-11; {_API.name}",
            checked=_CHECKED,
        ),
    ),
)
