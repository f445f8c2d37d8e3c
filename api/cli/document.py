"""`vitrine openapi`: the document that other people's programs are written against, and its types for TypeScript."""

import sys
from pathlib import Path

import click

COMMITTED = Path("openapi/openapi.json")
TYPES = Path("client/schema.d.ts")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the committed document is not this version's.")
@click.argument("path", type=click.Path(path_type=Path), default=COMMITTED)
def openapi(check: bool, path: Path) -> None:
    """Write the OpenAPI document of this version to PATH, and its types to client/schema.d.ts beside it."""
    from api.app import build_framework
    from openapi import document, typescript

    whole = document.build(build_framework())
    wanted = {path: document.encode(whole), path.parent / TYPES: typescript.write(whole).encode()}
    for file, content in wanted.items():
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            click.echo(f"Wrote {file}.")
        elif not file.exists() or file.read_bytes() != content:
            click.echo(f"{file} is not what the application says: run `make openapi` and look.", err=True)
            sys.exit(1)
