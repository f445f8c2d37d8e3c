"""`make contract`: every phase and check of Schemathesis, in ten minutes at most."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.contract.running import hold


def main() -> int:
    """Schemathesis' own report and exit code."""
    asked = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    asked.add_argument("--seed", type=int, default=1, help="the same seed, the same requests")
    asked.add_argument("--examples", type=int, default=30, help="per operation and phase")
    asked.add_argument("--seconds", type=int, default=540, help="after which it stops")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrine-contract-") as folder:
        outcome = hold(Path(folder), examples=options.examples, seed=options.seed, seconds=options.seconds)
    missed = outcome.never_good()
    print(outcome.text, f"{len(outcome.statuses) - len(missed)} of {len(outcome.statuses)} operations answered 2xx.")
    print(*missed, sep="\n")
    return outcome.code or int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
