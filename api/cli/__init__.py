"""The command line. Commands import what they need when they run, so that `vitrine --help` answers at once."""

import click

from api.cli.demo import demo, gallery
from api.cli.document import openapi
from api.cli.failures import ExplainingGroup
from api.cli.keys import key
from api.cli.links import links
from api.cli.privacy import privacy
from api.cli.processes import migrate, serve, up, worker
from api.cli.safekeeping import backup, doctor, restore
from api.cli.shops import shop
from api.running import garbage


@click.group(cls=ExplainingGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="vitrine")
def main() -> None:
    """Vitrine: from a shoppable post to a paid order.

    Settings come from VITRINE_* variables; `vitrine up` needs none of them.
    """
    garbage.search_seldom()


for command in (up, demo, gallery, serve, worker, migrate, shop, key, links, privacy, backup, restore, doctor, openapi):
    main.add_command(command)
