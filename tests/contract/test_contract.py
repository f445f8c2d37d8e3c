"""The running application keeps to the committed document."""

from pathlib import Path

import pytest

from tests.contract.running import hold


@pytest.mark.timeout(180)
def test_what_runs_is_what_the_document_says(tmp_path: Path) -> None:
    result = hold(tmp_path, examples=1, seed=1)
    assert result.returncode == 0, result.stdout + result.stderr
