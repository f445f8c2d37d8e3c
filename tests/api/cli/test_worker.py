"""The worker knows every job there is."""

import subprocess
import sys

from tests.house.source import calls, modules

SHOW = "import sys; import api.running.worker; print(chr(10).join(sys.modules))"


def test_it_imports_every_module_that_declares_a_job() -> None:
    declaring = {
        module.path.removesuffix(".py").replace("/", ".")
        for module in modules()
        if module.room != "core"
        for _, name in calls(module.tree)
        if name in ("job", "subscriber", "jobs.job", "events.subscriber")
    }
    loaded = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True).stdout.split()
    assert declaring, "there are jobs"
    assert declaring - set(loaded) == set()
