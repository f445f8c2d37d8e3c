"""`vitrine openapi`: the document that other people's programs are written against."""

import sys
from pathlib import Path

import click

COMMITTED = Path("openapi/openapi.json")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the committed document is not this version's.")
@click.argument("path", type=click.Path(path_type=Path), default=COMMITTED)
def openapi(check: bool, path: Path) -> None:
    """Write the OpenAPI document of this version to PATH."""
    from api.app import create_app
    from core.settings import Settings
    from openapi import document

    content = document.encode(document.build(create_app(Settings()).litestar))
    if not check:
        path.write_bytes(content)
        click.echo(f"Wrote {path}.")
    elif not path.exists() or path.read_bytes() != content:
        click.echo(f"{path} is not what the application says: run `make openapi` and look at the difference.", err=True)
        sys.exit(1)
