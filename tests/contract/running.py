"""Schemathesis against a `vitrine up` of its own, by the committed document."""

import subprocess
import sys
from pathlib import Path

from tests.api.cli import processes

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "openapi" / "openapi.json"
# Schemathesis asks more often than anybody may, and tries wrong keys on purpose.
UNLIMITED = {
    f"VITRINE_{name}": "0" for name in ("RATE_PER_ADDRESS", "RATE_PER_KEY", "BAD_KEYS_PER_ADDRESS")
}  # fmt: skip
PHASES = ("examples", "coverage", "fuzzing", "stateful")


def hold(
    folder: Path, *, phases: tuple[str, ...] = PHASES, examples: int, seed: int, workers: int = 1, seconds: int = 0
) -> "subprocess.CompletedProcess[str]":
    """Run these phases with every check, at most so many examples an operation, for `seconds` where given.

    The same seed tries the same requests, as far as the answers are the same. All data lie in `folder`.
    """
    with processes.up(folder, env=processes.environment(**UNLIMITED)) as running:
        command = [str(Path(sys.executable).with_name("st")), "run", str(DOCUMENT), "--url", running.ready.base_url]
        command += ["--header", f"Authorization: Bearer {running.ready.secret_key}", "--phases", ",".join(phases)]
        command += ["--checks", "all", "--max-examples", str(examples), "--seed", str(seed), "--workers", str(workers)]
        command += ["--generation-database", "none", "--continue-on-failure", "--no-shrink", "--no-color"]
        command += ["--max-time", str(seconds)] if seconds else []
        env = processes.environment(PYTHONPATH=str(ROOT), SCHEMATHESIS_HOOKS="tests.contract.hooks")
        result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        running.stop()
    return result
