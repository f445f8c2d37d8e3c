"""`vitrine demo` and `vitrine gallery`: what Vitrine makes, to look at."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--catalog", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A product CSV of Shopify's."
)
@click.option(
    "--pictures", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Where its pictures are."
)
@click.option("--currency", default="EUR", show_default=True, help="The currency of the catalog's prices.")
@click.option("--locale", default="fr", show_default=True, help="The language of captions and prices: fr, en, fr_CA.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="demo-out", show_default=True)
def demo(catalog: Path | None, pictures: Path | None, currency: str, locale: str, out: Path) -> None:
    """The whole job: products, visuals, posts, taps, payments, orders. Exit code 0 only if the orders say so."""
    from api.demo import run

    raise SystemExit(run(out=out, catalog=catalog, pictures=pictures, currency=currency.upper(), locale=locale))


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="docs/gallery", show_default=True)
@click.option("--format", "wanted", multiple=True, help="One of `GET /v1/formats`, as often as you like; else all.")
def gallery(out: Path, wanted: tuple[str, ...]) -> None:
    """A contact sheet of each look in every format, and one of scripts, drawn without a server."""
    from api.demo import gallery as sheets
    from api.demo.exhibition import NotOurs
    from media.formats import formats

    known = [each.slug for each in formats.formats()]
    if unknown := [each for each in wanted if each not in known]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}.", param_hint="--format")
    try:
        click.echo(sheets.write(out, wanted or known))
    except NotOurs as error:
        raise click.ClickException(str(error)) from error
