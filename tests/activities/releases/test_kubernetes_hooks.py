"""A hook's last words are told without secrets, wherever its output is cut."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.targets.kubernetes import hooks

SECRET = "s3cret-of-the-shop"


@pytest.mark.parametrize("behind", range(285, 301))
def test_no_part_of_a_secret_is_told_where_the_output_is_cut(behind: int) -> None:
    kube = MemoryObjects(failing={"web-r1-expand"}, output={"web:1": f"{SECRET}{'x' * behind}"})
    meta = {"name": "web-r1-expand", "namespace": "shop"}
    spec = {"template": {"spec": {"containers": [{"name": "main", "image": "web:1"}]}}}
    job: Any = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}
    said = hooks.run(kube, job, 1.0, lambda _: None, lambda text: text.replace(SECRET, "***"))
    assert "failed; last line of its log" in said
    assert "shop" not in said.partition("log: ")[2]
