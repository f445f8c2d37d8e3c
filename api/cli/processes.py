"""`vitrine up`, and the processes that it is made of."""

from pathlib import Path

import click

PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--tethered", is_flag=True, hidden=True, help="End when standard input does.")
def serve(host: str, port: int, tethered: bool) -> None:
    """The HTTP server alone, with settings from VITRINE_* variables."""
    from api.running import server

    server.run(host, port, tethered=tethered)


@click.command()
@click.option("--tethered", is_flag=True, hidden=True, help="End when standard input does.")
def worker(tethered: bool) -> None:
    """The worker alone: works jobs off. Any number may run."""
    from api.running import worker as process

    process.run(tethered=tethered)


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema. Safe to repeat."""
    from api.cli import terminal
    from core import migrations, settings

    config = settings.load()
    if not config.database_url:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrations.upgrade(config.database)
    terminal.give("The database has the newest schema.")


@click.command()
@click.option("--port", type=PORT, default=None, help="0: the last one, or any free one. Unless given: 8000 at first.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Unless given, vitrine-data.")
@click.option("--database", "database_url", default="", metavar="URL", help="Unless given, SQLite under --data.")
@click.option(
    "--sandbox", "sandbox_url", default="", metavar="URL", help="A Stripe-compatible server that runs already."
)
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Written once everything answers.")
@click.option(
    "--join",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Be a second instance of the one with this ready file: its shop, database, pictures and local Stripe.",
)
@click.option("--seed/--no-seed", default=None, help="Things to play with. On, unless --ready-file is given.")
def up(
    port: int | None,
    data: Path | None,
    database_url: str,
    sandbox_url: str,
    ready_file: Path | None,
    join: Path | None,
    seed: bool | None,
) -> None:
    """Server, worker and local Stripe on loopback, with a shop and keys. Ctrl-C stops all.

    Started again on the same --data it goes on where it was. --ready-file gets the JSON object {"base_url",
    "sandbox_url", "secret_key", "publishable_key", "webhook_secret", "shop_id", "pid"}, pid being the server's. Beside
    it FILE.join has what --join needs, secrets included.
    """
    if join and (database_url or sandbox_url or seed):
        raise click.UsageError("Who joins takes the first one's database, local Stripe and shop: leave those out.")
    from api.demo import seed as fill
    from api.running import up as parent
    from api.running.installation import Plan

    plan = Plan(port=port, data=data, database_url=database_url, sandbox_url=sandbox_url, join=join)
    wanted = seed if seed is not None else ready_file is None and join is None
    raise SystemExit(parent.run(plan, ready_file=ready_file, seed=fill if wanted else None))
