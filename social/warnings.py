"""What a merchant should know about a post before it goes out."""

from collections.abc import Sequence

from media import visuals
from media.models import Visual
from media.warnings import WarningFacts, Warnings
from social import captions, tags
from social.network import Placement
from social.tags import TagPoint


def of(
    placement: Placement, caption: str, hashtags: Sequence[str], slides: Sequence[tuple[Visual, Sequence[TagPoint]]]
) -> Warnings:
    """Each picture's own warnings, tags that its crop has lost or that the network does not take, hashtags too many.

    Where there are several pictures, `slide` says which one is meant, from 0.
    """
    found: Warnings = []
    for number, (visual, points) in enumerate(slides):
        about = {"slide": number} if len(slides) > 1 else {}
        found += [{**each, **about} for each in _picture(placement, visual, points)]
    if (count := sum(len(points) for _, points in slides)) and not placement.tags.supported:
        found.append({"slug": "tags-not-supported", "detail": placement.tags.note, "tags": count})
    return found + _hashtags(placement, caption, hashtags)


def _picture(placement: Placement, visual: Visual, points: Sequence[TagPoint]) -> Warnings:
    # Which product a lost point is of is said below.
    found: Warnings = [each for each in visual.warnings if each["slug"] != "point-lost"]
    found += [_lost(each.tag) for each in tags.place(points, visuals.frame_of(visual)) if each.point is None]
    if visual.bytes > placement.image.max_bytes:
        found.append({"slug": "picture-too-heavy", "bytes": visual.bytes, "maximum": placement.image.max_bytes})
    return found


def _lost(tag: TagPoint) -> WarningFacts:
    return {
        "slug": "tag-lost",
        "detail": "The crop does not show this product's point: pad the picture, or move its focal point.",
        "reason": "cropped",
        "product_id": tag.product.product_id,
        "x": tag.point.x,
        "y": tag.point.y,
    }


def _hashtags(placement: Placement, caption: str, hashtags: Sequence[str]) -> Warnings:
    if placement.text.caption is None:
        return []
    found: Warnings = []
    left_out = captions.write(placement, caption, hashtags, "").left_out
    if left_out:
        found.append(
            {
                "slug": "hashtags-left-out",
                "detail": f"{placement.name} has no room for: {' '.join('#' + each for each in left_out)}.",
                "count": len(left_out),
            }
        )
    if over := captions.over_cap(placement, caption):
        found.append(
            {"slug": "hashtags-over-cap", "detail": "The caption itself holds too many hashtags.", "count": over}
        )
    return found
