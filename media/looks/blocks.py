"""How the looks of the house write their designs: the JSON of `media.looks.design`, with what they share."""

import msgspec

from media.looks.design import Design
from media.looks.layout import Template, designed

Json = dict[str, object]


def look(slug: str, name: str, description: str, version: int, *pages: Json) -> Template:
    """A template from the pages of its design, read as one that a merchant sends would be."""
    return designed(slug, name, description, version, msgspec.convert({"pages": list(pages)}, Design))


def page(*variants: Json, per: str = "once") -> Json:
    """One picture: its arrangements, the first that suits being taken."""
    return {"per": per, "variants": list(variants)}


def variant(*canvas: str, body: Json, picture: str = "any") -> Json:
    """One arrangement, for these canvases, or for all."""
    return {"canvas": list(canvas), "picture": picture, "body": body}


def column(*children: Json, **fields: object) -> Json:
    """Layers under one another."""
    return {"layer": "group", "flow": "column", "children": list(children), **fields}


def row(*children: Json, **fields: object) -> Json:
    """Layers beside one another."""
    return {"layer": "group", "flow": "row", "children": list(children), **fields}


def stack(*children: Json, **fields: object) -> Json:
    """Layers over one another."""
    return {"layer": "group", "flow": "stack", "children": list(children), **fields}


def layer(kind: str, /, **fields: object) -> Json:
    """A layer of this kind."""
    return {"layer": kind, **fields}


def photo(least: float = 0.4, **fields: object) -> Json:
    """The picture."""
    return {"layer": "photo", "least": least, **fields}


def title(size: int = 62, words: str = "{title}", **fields: object) -> Json:
    """A heading in the display face."""
    style: Json = {"font": "display", "weight": 600, "size": size, "smallest": 24, "lines": 4, "leading": 1.14}
    return {"layer": "text", "text": words, **style, **fields}


def words(pattern: str, size: int = 28, **fields: object) -> Json:
    """Running text."""
    return {"layer": "text", "text": pattern, "size": size, "smallest": min(size, 20), **fields}


def label(pattern: str, size: int = 22, **fields: object) -> Json:
    """A line of spaced capitals."""
    style: Json = {"weight": 600, "lines": 1, "tracking": 0.16, "capitals": True, "colour": "accent"}
    return {"layer": "text", "text": pattern, "size": size, "smallest": 16, **style, **fields}


def price(size: int = 54, **fields: object) -> Json:
    """What it costs."""
    return {"layer": "price", "size": size, **fields}


def logo(**fields: object) -> Json:
    """The shop's sign or name."""
    return {"layer": "logo", **fields}


def rule(**fields: object) -> Json:
    """A short line in the accent."""
    return {"layer": "shape", "width": 52, "height": 4, **fields}
