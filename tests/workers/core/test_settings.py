"""The environment as settings: what is set counts, what is invalid is told by its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from activities.secrets.broker import closed
from domain.core.errors import DefinitionError
from workers.core.settings import Settings, load
from workers.worker.local_wiring import registry_access


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("SLOTS", "3", "slots", 3),
        ("CPUS", "1.5", "cpus", 1.5),
        ("MEMORY_MB", "2000", "memory_mb", 2000),
        ("CONTAINERS", "", "containers", 0),
        ("NAMESPACE", "ours", "namespace", "ours"),
    ],
)
def test_a_variable_that_is_set_counts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, read: float | str
) -> None:
    monkeypatch.setenv(f"SLUICEWAY_{name}", value)
    assert getattr(load(), field) == read


@pytest.mark.parametrize(("value", "seconds"), [("90d", 90 * 86_400), ("0", 0), ("60", 60)])
def test_how_long_logs_are_kept_is_a_duration_or_seconds(
    monkeypatch: pytest.MonkeyPatch, value: str, seconds: float
) -> None:
    monkeypatch.setenv("SLUICEWAY_KEEP_LOGS", value)
    assert load().retention.logs_s == seconds


@pytest.mark.parametrize("value", ["x", "-1", "1e12", "nan"])
def test_every_invalid_variable_is_named_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SLUICEWAY_SLOTS", value)
    monkeypatch.setenv("SLUICEWAY_CPUS", value)

    with pytest.raises(DefinitionError) as refused:
        load()

    assert refused.value.code == "SLW503"
    assert f"SLUICEWAY_SLOTS is '{value}'" in refused.value.what
    assert f"SLUICEWAY_CPUS is '{value}'" in refused.value.what
    assert refused.value.fix


def test_where_no_value_is_to_be_checked_the_reader_is_not_loaded() -> None:
    code = "import sys; from workers.core.settings import load; load(); print('pydantic' in sys.modules)"
    env = {"SLUICEWAY_HOME": "/nowhere", "PATH": "/usr/bin"}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env).stdout
    assert said == "False\n"


@pytest.mark.parametrize("value", ["ghcr.io robot", "https://ghcr.io", "ghcr.io robot Token!"])
def test_registries_that_cannot_be_read_are_named_before_a_worker_begins(value: str) -> None:
    with pytest.raises(DefinitionError, match="SLUICEWAY_REGISTRIES") as refused:
        registry_access(Settings(Path(), Path(), registries=value), closed())
    assert refused.value.code == "SLW503"
