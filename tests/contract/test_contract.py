"""The running application keeps to the committed document."""

from pathlib import Path

import pytest

from tests.contract.running import hold


@pytest.mark.timeout(180)
def test_what_runs_is_what_the_document_says(tmp_path: Path) -> None:
    # Without the coverage phase, which is most of what a run costs; `make contract` has it.
    outcome = hold(tmp_path, phases=("examples", "fuzzing", "stateful"), examples=1, seed=1)
    assert outcome.code == 0, outcome.text
    assert len(outcome.statuses) - len(outcome.never_good()) > 80
