"""`python -m api.cli`: the same as `vitrine`, wherever it is installed."""

from api.cli import main

main(prog_name="vitrine")
