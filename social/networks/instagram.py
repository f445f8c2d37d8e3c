"""Instagram: feed posts with product tags, and stories."""

from datetime import date

from media.formats import PORTRAIT, SQUARE, STORY
from social.network import (
    Call,
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

_API = "https://graph.facebook.com/v25.0"
_CHECKED = date(2026, 11, 21)
_MEDIA = Source(
    name="developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media (2026-09-11)",
    checked=_CHECKED,
)
_TAGGING = Source(
    name="Meta Product Tagging guide v25.0: 20 a post, 5 a picture; the media reference still says 5 a post",
    checked=_CHECKED,
)
_HEADERS = {"Authorization": "Bearer {instagram_access_token}", "Content-Type": "application/json"}
_TOKEN = Placeholder(
    name="{instagram_access_token}",
    meaning="An access token of Facebook Login with instagram_basic, instagram_content_publish and, for product tags, "
    "instagram_shopping_tag_products and catalog_management.",
)
_ACCOUNT = Placeholder(name="{ig-user-id}", meaning="The id of your Instagram business account.")
_CONTAINER = Placeholder(name="{creation_id}", meaning="The `id` that the first call answers with.")


def _publish(body: dict[str, object]) -> tuple[Call, ...]:
    """Make the container, wait until it is FINISHED, publish it (Content Publishing guide v25.0)."""
    return (
        Call(
            method="POST",
            url=f"{_API}/{{ig-user-id}}/media",
            headers=_HEADERS,
            body=body,
            purpose="Make the container; Instagram fetches the picture.",
        ),
        Call(
            method="GET",
            url=f"{_API}/{{creation_id}}?fields=status_code",
            headers={"Authorization": _HEADERS["Authorization"]},
            body=None,
            purpose="Ask once a minute, five minutes at most, until status_code is FINISHED.",
        ),
        Call(
            method="POST",
            url=f"{_API}/{{ig-user-id}}/media_publish",
            headers=_HEADERS,
            body={"creation_id": "{creation_id}"},
            purpose="Publish the container.",
        ),
    )


def _feed(post: Publication) -> Payload:
    body: dict[str, object] = {"image_url": post.image_url}
    body |= {name: text for name, text in (("caption", post.caption), ("alt_text", post.alt_text)) if text}
    names = {tag.item: f"{{instagram_product_id:{tag.item}}}" for tag in post.tags}
    if post.tags:
        body["product_tags"] = [{"product_id": names[tag.item], "x": tag.x, "y": tag.y} for tag in post.tags]
    products = tuple(
        Placeholder(
            name=names[tag.item],
            meaning=f"Instagram's product_id of {tag.name}: ask GET /{{ig-user-id}}/catalog_product_search, take the "
            f"product whose retailer_id is {tag.item}.",
        )
        for tag in post.tags
    )
    return Payload(calls=_publish(body), placeholders=(_TOKEN, _ACCOUNT, _CONTAINER, *products))


def _story(post: Publication) -> Payload:
    body: dict[str, object] = {"media_type": "STORIES", "image_url": post.image_url}
    return Payload(calls=_publish(body), placeholders=(_TOKEN, _ACCOUNT, _CONTAINER))


NETWORK = Network(
    slug="instagram",
    name="Instagram",
    placements=(
        Placement(
            slug="feed",
            name="Instagram feed",
            formats=(PORTRAIT, SQUARE),
            image=ImageRule(
                types=("image/jpeg",),
                ratio_min=0.8,
                ratio_max=1.91,
                width_min=320,
                width_max=1440,
                max_bytes=8 * 2**20,
                source=_MEDIA,
            ),
            text=TextRule(
                caption=Limit(2200),
                visible=125,
                alt_text=Limit(1000),
                hashtags_max=5,
                mentions_max=20,
                source=Source(
                    name=f"{_MEDIA.name}; five hashtags since December 2025 by press reports, the reference says 30",
                    checked=_CHECKED,
                ),
            ),
            tags=TagRule(
                supported=True,
                per_image=5,
                per_post=20,
                positions="required",
                note="Tags show only for approved products of an Instagram Shop (shopping_product_tag_eligibility).",
                source=_TAGGING,
            ),
            link=LinkRule(
                where="bio",
                caption_clickable=False,
                by_hand=True,
                note="Links in captions are dead text: put the link into the bio, or tag the product.",
                source=_MEDIA,
            ),
            payload=_feed,
        ),
        Placement(
            slug="story",
            name="Instagram story",
            formats=(STORY,),
            image=ImageRule(types=("image/jpeg",), max_bytes=8 * 2**20, source=_MEDIA),
            text=TextRule(source=_MEDIA),
            tags=TagRule(
                supported=False,
                note="Instagram's API takes no product tags on stories.",
                source=_TAGGING,
            ),
            link=LinkRule(
                where="sticker",
                caption_clickable=False,
                by_hand=True,
                note="Put the link into a link sticker by hand: the API does not publish stickers.",
                source=_MEDIA,
            ),
            payload=_story,
        ),
    ),
    origin=OriginRule(
        hosts=("instagram.com", "l.instagram.com"),
        packages=("com.instagram.android",),
        in_app=r"\bInstagram[ /]\d",
        precedence=10,
        utm_sources=("ig", "instagram"),
        source=Source(
            name="matomo-org/searchengine-and-social-list 2026-07-15; ua-parser/uap-core 2026-08-11; "
            "matomo-org/device-detector 2026-08-19",
            checked=_CHECKED,
        ),
    ),
)
