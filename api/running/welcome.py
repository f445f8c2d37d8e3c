"""What `vitrine up` says once everything answers."""

import sys

import click
from rich.console import Console

from api.running.installation import Installation


def show(installation: Installation) -> None:
    """Links and keys to play with, on standard error; the address on standard output where a program reads it."""
    kept, base = installation.kept, installation.base_url
    console = Console(stderr=True, highlight=False)

    def line(name: str, value: str) -> None:
        # Never wrapped: these are copied.
        console.print(f"  [dim]{name:<26}[/dim] {value}", soft_wrap=True)

    console.print()
    console.rule("[bold green]Vitrine is running", align="left")
    line("API", f"{base}/v1")
    line("documentation", f"{base}/docs")
    line("local Stripe", installation.sandbox_url)
    line("data", str(installation.data))
    line("shop", kept.shop_id)
    line("secret key", f"[bold]{kept.secret_key}[/bold]")
    line("publishable key", kept.publishable_key)
    for name, link in kept.links.items():
        line(name, f"{installation.settings.public_url}{link}")
    console.print()
    line("try", f'curl -H "Authorization: Bearer {kept.secret_key}" {base}/v1/shop')
    line("pay with", "4242 4242 4242 4242, any date ahead, any CVC")
    line("stop with", "Ctrl-C")
    console.print()
    if not sys.stdout.isatty():
        click.echo(base)
