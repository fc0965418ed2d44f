"""What a command loads to talk to an engine: messages, and no workflow."""

from __future__ import annotations

import subprocess
import sys

CLIENT = ("runs", "triggers", "approvals", "releases", "queues", "clusters", "rescans", "waiting", "deliveries")


def test_the_client_loads_messages_and_no_workflow() -> None:
    imports = ", ".join(f"workers.client.{name}" for name in CLIENT)
    code = f"import sys, {imports}; print(*(name for name in sys.modules if name.count('.') == 2))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    of_workflows = {name for name in loaded if name.startswith("workflows.")}
    assert {name for name in of_workflows if not name.endswith("messages")} == {"workflows.core.search_attributes"}
    assert not any(name.startswith("pipeline_defs.") for name in loaded)


def test_a_client_that_starts_and_follows_a_run_loads_no_pydantic() -> None:
    """It would take a quarter of the command's time."""
    code = (
        "import sys, workers.client.deliveries, workers.client.triggers, workers.views.run_progress\n"
        "import workers.client.on_engine.runs.runs\n"
        "from workflows.runs.messages import RunView\n"
        "from workers.core.light_conversion import LIGHT\n"
        "sent = LIGHT.payload_converter.to_payload(RunView(id='run/a/1', status='passed'))\n"
        "LIGHT.payload_converter.from_payload(sent, RunView)\n"
        "print({'pydantic', 'pydantic_core', 'sqlalchemy'} & {*sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
