"""Instagram: feed posts with product tags, and stories."""

from datetime import date

from media.formats.formats import LANDSCAPE, PORTRAIT, SQUARE, STORY, VERTICAL
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
    PublishedPicture,
    PublishedTag,
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
_CONTAINER = Placeholder(
    name="{creation_id}", meaning="The `id` of the container: what the call that makes it answers."
)


def _container(body: dict[str, object], purpose: str) -> Call:
    return Call(method="POST", url=f"{_API}/{{ig-user-id}}/media", headers=_HEADERS, body=body, purpose=purpose)


def _publish() -> tuple[Call, ...]:
    """Wait until the container is FINISHED, publish it (Content Publishing guide v25.0)."""
    return (
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
    products = tuple(
        Placeholder(
            name=_product_id(tag),
            meaning=f"Instagram's product_id of {tag.name}: ask GET /{{ig-user-id}}/catalog_product_search, take the "
            f"product whose retailer_id is {tag.item}.",
        )
        for tag in post.tags
    )
    if len(post.pictures) > 1:
        return _carousel(post, products)
    body = _picture(post.pictures[0]) | ({"caption": post.caption} if post.caption else {})
    calls = (_container(body, "Make the container; Instagram fetches the picture."), *_publish())
    return Payload(calls=calls, placeholders=(_TOKEN, _ACCOUNT, _CONTAINER, *products))


def _carousel(post: Publication, products: tuple[Placeholder, ...]) -> Payload:
    """A container for each picture, and one that holds them; the caption is the parent's, tags are the pictures'."""
    children = [f"{{creation_id_{number}}}" for number in range(1, len(post.pictures) + 1)]
    made = [
        _container({"is_carousel_item": True, **_picture(picture)}, f"Make the container that {child} is the id of.")
        for child, picture in zip(children, post.pictures, strict=True)
    ]
    parent: dict[str, object] = {"media_type": "CAROUSEL", "children": ",".join(children)}
    parent |= {"caption": post.caption} if post.caption else {}
    calls = (*made, _container(parent, "Make the container of the whole post: {creation_id}."), *_publish())
    named = tuple(
        Placeholder(name=child, meaning=f"The `id` of picture {number}'s container: what call {number} answers.")
        for number, child in enumerate(children, 1)
    )
    return Payload(calls=calls, placeholders=(_TOKEN, _ACCOUNT, *named, _CONTAINER, *products))


def _picture(picture: PublishedPicture) -> dict[str, object]:
    body: dict[str, object] = {"image_url": picture.url}
    body |= {"alt_text": picture.alt_text} if picture.alt_text else {}
    if picture.tags:
        body["product_tags"] = [{"product_id": _product_id(tag), "x": tag.x, "y": tag.y} for tag in picture.tags]
    return body


def _product_id(tag: PublishedTag) -> str:
    return f"{{instagram_product_id:{tag.item}}}"


def _story(post: Publication) -> Payload:
    body: dict[str, object] = {"media_type": "STORIES", "image_url": post.pictures[0].url}
    calls = (_container(body, "Make the container; Instagram fetches the picture."), *_publish())
    return Payload(calls=calls, placeholders=(_TOKEN, _ACCOUNT, _CONTAINER))


NETWORK = Network(
    slug="instagram",
    name="Instagram",
    placements=(
        Placement(
            slug="feed",
            name="Instagram feed",
            formats=(PORTRAIT, SQUARE, LANDSCAPE),
            image=ImageRule(
                types=("image/jpeg",),
                baseline=True,
                srgb=True,
                ascii_url=True,
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
            # The app takes 20; all pictures are cropped to the first one's ratio.
            carousel=CarouselRule(min=2, max=10, one_ratio=True, texts=False, alt_texts=True, source=_MEDIA),
            payload=_feed,
        ),
        Placement(
            slug="story",
            name="Instagram story",
            formats=(STORY, VERTICAL),
            image=ImageRule(
                types=("image/jpeg",),
                baseline=True,
                srgb=True,
                ascii_url=True,
                max_bytes=8 * 2**20,
                source=_MEDIA,
            ),
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
