"""`vitrine gallery`: contact sheets of every look in every format and of seven scripts, drawn without a server."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from api.demo.exhibition import NotOurs
from api.demo.gallery_scenes import EXHIBITS, OTHERS, SCRIPTS
from media import intake, render
from media.formats import formats
from media.formats.format import Format
from media.intake import Master
from media.looks import layout
from media.looks.layout import Template
from media.looks.scene import Framing, Scene
from media.render import Drawing, Drawn
from media.studio import contact
from media.studio.contact import Print
from media.studio.still_lifes import STILL_LIVES, VASE, StillLife

PAGE = "README.md"
_HEADING = "# The looks\n"
_HIGH = 300  # Pixels of a row.
_SET = ("portrait", "landscape")  # Formats in which all pages of a set are shown; in the others its cover is.
_IN_SCRIPTS = (
    ("price", "portrait"), ("quote", "square"), ("sheet", "portrait"), ("promotion", "landscape"), ("sale", "story"),
    ("pin", "pin"),
)  # fmt: skip


def write(out: Path, slugs: Sequence[str]) -> Path:
    """Fill the folder `out` with a sheet for each look, in these formats, and one of scripts; return its page.

    The same sources make the same bytes. Raises NotOurs where the folder holds anything but an earlier gallery.
    """
    _prepare(out)
    canvases = sorted(
        (each for each in formats.formats() if each.slug in slugs), key=lambda one: one.width / one.height
    )
    for template in layout.templates():
        (out / f"{template.slug}.webp").write_bytes(contact.sheet(list(_prints(template, canvases)), _HIGH))
    scripts = [each for name, scene in SCRIPTS.items() for each in _in_script(name, scene)]
    (out / "scripts.webp").write_bytes(contact.sheet(scripts, _HIGH, [len(_IN_SCRIPTS)] * len(SCRIPTS)))
    page = out / PAGE
    page.write_text(_page(len(canvases)))
    return page


def _prepare(out: Path) -> None:
    """The folder, without the sheets of an earlier gallery."""
    page = out / PAGE
    if out.exists() and any(out.iterdir()) and not (page.is_file() and page.read_text().startswith(_HEADING)):
        raise NotOurs(f"{out} holds files that no gallery wrote: name another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    for each in out.glob("*.webp"):
        each.unlink()


@cache
def _master(slug: str) -> Master:
    """One of the studio's pictures as it would come in: subject and focal point are found."""
    (life,) = (each for each in STILL_LIVES if each.slug == slug)
    return intake.open_picture(life.jpeg())


def _drawn(template: str, canvases: Sequence[str], life: StillLife, scene: Scene) -> list[Drawn]:
    master, others = _master(life.slug), [_master(each.slug) for each in OTHERS]
    drawing = Drawing(template, list(canvases), scene, _framing(master), others=[_framing(each) for each in others])
    return render.draw(master.data, drawing, [each.data for each in others])


def _framing(master: Master) -> Framing:
    return Framing(focal=master.traits.focal, subject=master.traits.subject)


def _prints(template: Template, canvases: Sequence[Format]) -> Iterator[Print]:
    shown = EXHIBITS[template.slug]
    names = {each.slug: each for each in canvases}
    for made in _drawn(template.slug, list(names), shown.life, shown.scene):
        if made.page == 1 or made.format in _SET:
            page = f", {made.page}" if template.pages(shown.scene) > 1 else ""
            yield Print(made.data, f"{names[made.format].slug}{page}")


def _in_script(name: str, scene: Scene) -> Iterator[Print]:
    """One row, named at its beginning."""
    for template, canvas in _IN_SCRIPTS:
        (made,) = _drawn(template, [canvas], VASE, scene)
        yield Print(made.data, "" if (template, canvas) != _IN_SCRIPTS[0] else name)


def _page(count: int) -> str:
    """The page in Markdown: each look's name, what it is for, and its sheet."""
    lines = [
        _HEADING,
        f"Every look of [Pictures and visuals](../pictures.md#looks) in {count} formats, drawn by `make gallery` from "
        "pictures of our own studio. Colours, fonts and corners differ from sheet to sheet, as shops do.",
    ]
    for template in layout.templates():
        purpose = EXHIBITS[template.slug].purpose
        lines += [
            f"\n## {template.name}\n",
            f"`{template.slug}`. {purpose}\n",
            f"![{template.name}]({template.slug}.webp)",
        ]
    lines += ["\n## Scripts\n", f"The same looks in {', '.join(SCRIPTS)}.\n", "![Scripts](scripts.webp)", ""]
    return "\n".join(lines)
