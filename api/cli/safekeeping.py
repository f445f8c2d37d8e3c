"""`vitrine backup`, `vitrine restore`, `vitrine doctor`."""

from pathlib import Path

import click


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Copy the whole shop into TARGET while it goes on selling: a .tar, or else a folder.

    Secrets stay out: keep VITRINE_SECRET_KEYS apart, without them the Stripe keys inside cannot be opened.
    """
    from api.cli import terminal
    from api.operations import backup as operation

    made = operation.run(target)
    terminal.show("A backup", _facts(made.rows, made.pictures, made.missing_pictures) | {"schema": made.revision})
    terminal.give(str(target))


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
def restore(source: Path) -> None:
    """Put the backup SOURCE into the empty database and the storage that the settings name; all of it or nothing."""
    from api.cli import terminal
    from api.operations import restore as operation

    made = operation.run(source)
    terminal.show("Restored", _facts(made.rows, made.pictures, made.missing_pictures) | {"made": made.created_at})
    terminal.give(str(source))


def _facts(rows: dict[str, int], pictures: int, missing: int) -> dict[str, str]:
    facts = {"tables": str(len(rows)), "rows": str(sum(rows.values())), "pictures": str(pictures)}
    return facts | ({"missing pictures": str(missing)} if missing else {})


@click.command()
def doctor() -> None:
    """Look at settings, database, secrets, Stripe, storage, disk, jobs and clicks. Exit code 1 if something fails."""
    from api.cli import terminal
    from api.operations import doctor as operation

    findings = operation.run()
    terminal.report([(each.state, each.subject, each.words) for each in findings])
    raise SystemExit(any(each.state == "failure" for each in findings))
