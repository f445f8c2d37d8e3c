"""Schemathesis against a `vitrine up` of its own, by the committed document."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.api.cli import processes
from tests.contract import goods

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "openapi" / "openapi.json"
# Schemathesis asks more often than anybody may, and tries wrong keys and signatures on purpose.
UNLIMITED = {
    f"VITRINE_{name}": "0"
    for name in ("RATE_PER_ADDRESS", "RATE_PER_KEY", "BAD_KEYS_PER_ADDRESS", "BAD_SIGNATURES_PER_ADDRESS")
}  # fmt: skip
PHASES = ("examples", "coverage", "fuzzing", "stateful")


class Outcome(NamedTuple):
    """What Schemathesis said, and the statuses that each operation answered."""

    code: int
    text: str
    statuses: Mapping[str, Sequence[int]]

    def never_good(self) -> list[str]:
        """The operations that never answered 2xx."""
        return sorted(name for name, seen in self.statuses.items() if not any(200 <= each < 300 for each in seen))


def hold(folder: Path, *, examples: int, seed: int, phases: tuple[str, ...] = PHASES, seconds: int = 0) -> Outcome:
    """Run these phases with every check, at most so many examples an operation, for `seconds` where given.

    The same seed tries the same requests, as far as the answers are the same. All data lie in `folder`.
    """
    with processes.up(folder, env=processes.environment(**UNLIMITED)) as running:
        goods.stock(running, folder)
        command = [str(Path(sys.executable).with_name("st")), "run", str(DOCUMENT), "--url", running.ready.base_url]
        command += ["--header", f"Authorization: Bearer {running.ready.secret_key}", "--phases", ",".join(phases)]
        command += ["--checks", "all", "--max-examples", str(examples), "--seed", str(seed)]
        command += ["--generation-database", "none", "--continue-on-failure", "--no-shrink", "--no-color"]
        command += ["--max-time", str(seconds)] if seconds else []
        hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "CONTRACT_FOLDER": str(folder)}
        env = processes.environment(PYTHONPATH=str(ROOT), **hooks)
        result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        running.stop()
    return Outcome(result.returncode, f"{result.stdout}\n{result.stderr}", _statuses(folder))


def _statuses(folder: Path) -> Mapping[str, Sequence[int]]:
    path = folder / "statuses.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, list[int]]) if path.exists() else {}
