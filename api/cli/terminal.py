"""What people read goes to standard error in colour; what programs read goes to standard output, bare."""

from collections.abc import Mapping, Sequence

import click


def show(title: str, facts: Mapping[str, str]) -> None:
    """A small table of facts, for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, value)
    Console(stderr=True).print(table)


def give(value: str) -> None:
    """One line for programs."""
    click.echo(value)


def report(lines: Sequence[tuple[str, str, str]]) -> None:
    """A table of states on standard output: in colour and folded for a terminal, else one whole line for each."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if not console.is_terminal:
        widest = max((len(subject) for _, subject, _ in lines), default=0)
        for state, subject, words in lines:
            give(f"{state:<7}  {subject:<{widest}}  {words}")
        return
    colours = {"ok": "green", "warning": "yellow", "failure": "bold red"}
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for state, subject, words in lines:
        table.add_row(f"[{colours[state]}]{state}[/]", escape(subject), escape(words))
    console.print(table)
