"""What the demo leaves behind: pictures, words, tags drawn beside them, and a contact sheet to look at."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.demo.stock import Picture
from api.demo.story import Published, Rendered, Result
from core import money
from core.money import Money
from core.shops import ShopOut
from media.schemas import PlacementOut
from media.studio.marks import Mark, marked

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_MARKER = ".vitrine-demo"


class NotOurs(OSError):
    """The folder holds something else."""


@dataclass(frozen=True)
class Shown:
    """One file of the contact sheet; `tagged` is its copy with the tags drawn, empty where no tag is in it."""

    file: str
    tagged: str
    name: str
    width: int
    height: int
    remarks: Sequence[str]


def prepare(out: Path) -> None:
    """An empty folder; what an earlier demo left there goes. Raises NotOurs for any other folder with files in it."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARKER).exists():
            raise NotOurs(f"{out} holds files that no demo wrote: name another folder with --out.")
        shutil.rmtree(out)
    for folder in (out, out / "visuals"):
        folder.mkdir(parents=True, exist_ok=True)
    (out / _MARKER).write_text("Written by Vitrine, and emptied by the next run.\n")


def write_visuals(out: Path, rendered: Sequence[Rendered]) -> dict[str, list[Shown]]:
    """Each visual, and a copy with its tags; by the picture's slug."""
    found: dict[str, list[Shown]] = {}
    for each in rendered:
        visual, slug = each.visual, each.picture.slug
        stem = f"visuals/{slug}-{visual.template}-{visual.format}"
        (out / f"{stem}.jpg").write_bytes(each.content)
        marks = list(_marks(each.picture, visual.placement))
        if marks:
            (out / f"{stem}-tags.jpg").write_bytes(marked(each.content, marks))
        remarks = [str(warning.get("detail") or warning.get("slug", "")) for warning in visual.warnings]
        remarks += [f"The crop loses {len(each.picture.points) - len(marks)} tag(s)."] * (
            len(marks) < len(each.picture.points)
        )
        name = f"{visual.template}, {visual.format}"
        shown = Shown(
            f"{stem}.jpg", f"{stem}-tags.jpg" if marks else "", name, visual.width, visual.height, sorted(set(remarks))
        )
        found.setdefault(slug, []).append(shown)
    return found


def write_post(out: Path, published: Published) -> Shown:
    """The post as it goes out: picture, the same with its tags, caption, alt text, and the kit with the API calls."""
    picture, kit = published.kit.pictures[0], published.kit
    folder = out / "posts" / published.post.network
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "picture.jpg").write_bytes(published.content)
    marks = [Mark(tag.x, tag.y, tag.title) for tag in picture.tags]
    (folder / "picture-tags.jpg").write_bytes(marked(published.content, marks))
    (folder / "caption.txt").write_text(f"{kit.caption}\n")
    (folder / "alt-text.txt").write_text(f"{kit.alt_text}\n")
    (folder / "kit.json").write_bytes(msgspec.json.format(msgspec.json.encode(kit)) + b"\n")
    base = f"posts/{published.post.network}"
    name = f"{published.post.network} · {kit.placement}"
    return Shown(f"{base}/picture.jpg", f"{base}/picture-tags.jpg", name, picture.width, picture.height, [])


def write_contact_sheet(
    out: Path, shop: ShopOut, visuals: dict[str, list[Shown]], results: Sequence[Result], remarks: Sequence[str]
) -> Path:
    """`index.html`, which needs nothing but the files beside it."""
    page = PAGES.get_template("contact_sheet.html").render(
        shop=shop,
        posts=[(each, write_post(out, each.published), revenue(each.revenue, shop.locale)) for each in results],
        visuals=visuals,
        remarks=remarks,
        money=lambda amount: money.display(amount, shop.locale),
    )
    path = out / "index.html"
    path.write_text(page)
    return path


def revenue(amounts: Sequence[Money], locale: str) -> str:
    """As people of this locale write it."""
    return " + ".join(money.display(each, locale) for each in amounts) or "–"


def _marks(picture: Picture, place: PlacementOut) -> Iterator[Mark]:
    """The picture's points where they are to be seen in a visual."""
    for point in picture.points:
        x, y = place.left + point.x * place.width, place.top + point.y * place.height
        if place.seen_left <= x <= place.seen_right and place.seen_top <= y <= place.seen_bottom:
            yield Mark(x, y, point.product.title)
