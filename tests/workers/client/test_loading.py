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
