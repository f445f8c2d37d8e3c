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
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="gallery-out", show_default=True)
def gallery(out: Path) -> None:
    """Every look in every format, drawn without a server, with an HTML page to look at them."""
    from api.demo import gallery as pages

    click.echo(pages.write(out))
