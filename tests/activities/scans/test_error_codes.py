"""What cannot be scanned, compared or blocked is said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from temporalio.exceptions import ApplicationError

from activities.scans.advisories import database
from activities.scans.rescan import RescanActivities
from activities.scans.running import local_scan
from activities.scans.running.local_scan import LocalScan
from activities.supply_chain.oci_registry import Registry
from domain.core.errors import SluicewayError


def _scan(tmp_path: Path) -> LocalScan:
    return LocalScan({}, SimpleNamespace())  # type: ignore[arg-type]


def test_nothing_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW851"):
        _scan(tmp_path)._taken(tmp_path / "nowhere", tmp_path / "t", SimpleNamespace(everything=True))  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_read_is_no_clean_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", closed)
    with pytest.raises(SluicewayError, match="SLW851") as told:
        _scan(tmp_path)._taken(tmp_path, tmp_path / "t", SimpleNamespace(everything=True))  # type: ignore[arg-type]
    assert told.value.why == "Permission denied"


async def test_a_text_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with pytest.raises(SluicewayError, match="SLW852"):
        await _scan(tmp_path).image(tmp_path / "text", SimpleNamespace())  # type: ignore[arg-type]


async def test_a_process_that_is_gone_has_no_files(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW859"):
        await _scan(tmp_path).process(2**22 + 1, SimpleNamespace())  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [None, b"{}", b"no json"])
def test_only_a_report_of_ours_is_a_baseline(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "b.json").write_bytes(content)
    with pytest.raises(SluicewayError, match="SLW853"):
        local_scan.from_file(tmp_path / "b.json")


def test_a_database_that_nobody_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW836"):
        database.info(tmp_path)


def test_a_signature_needs_a_digest() -> None:
    with pytest.raises(SluicewayError, match="SLW837"):
        Registry("registry.example.org/web:latest")


def test_only_an_image_that_was_scanned_can_be_blocked() -> None:
    def unknown(*_: str) -> NoReturn:
        raise ValueError("unsigned")

    running = SimpleNamespace(image="web@sha256:" + "a" * 64)
    activities = SimpleNamespace(attestor=SimpleNamespace(statement=unknown))
    with pytest.raises(ApplicationError) as refused:
        RescanActivities._block(activities, SimpleNamespace(running=running))  # type: ignore[arg-type]
    assert refused.value.type == "SLW833"
