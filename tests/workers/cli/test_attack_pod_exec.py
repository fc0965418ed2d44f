"""A session in a pod leaves its entries and its recording, whatever it writes and however it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from activities.access.audit_log import AuditLog
from activities.pods.recording import Recording
from activities.storage.opening import open_database
from activities.storage.stores.folder import FolderStore
from domain.access.audit import AuditEntry, AuditKind, AuditOutcome, entry_of
from domain.access.principal import ANONYMOUS, Caller
from domain.core.errors import RefusedError, SluicewayError
from workers.client.access_guard import AccessGuard
from workers.client.exec_sessions import ExecSessions, Session
from workers.client.owner_guard import OwnerDecider, owner_guard

SESSION = Session("edge", "default", "web", "main", ("sh", "-c", "echo 'a b'"))


class Stream:
    """What a container writes, a part for each look."""

    sock = None

    def __init__(self, *parts: tuple[int, bytes], breaks: Exception | None = None, code: int = 0) -> None:
        self.parts, self.breaks, self.returncode = list(parts), breaks, code

    def is_open(self) -> bool:
        return bool(self.parts) or self.breaks is not None

    def update(self, timeout: float) -> None:
        if not self.parts and self.breaks:
            raise self.breaks

    def peek_channel(self, channel: int) -> bytes:
        return self.parts[0][1] if self.parts and self.parts[0][0] == channel else b""

    def read_channel(self, channel: int) -> bytes:
        return self.parts.pop(0)[1]

    def close(self, *, timeout: float) -> None:
        self.breaks = None


class Scene:
    def __init__(self, folder: Path) -> None:
        self.log, self.store = AuditLog(open_database(folder / "records.db")), FolderStore(folder / "store")
        self.folder, self.shown = folder / "recordings", list[bytes]()
        self.sessions = ExecSessions(owner_guard(self.log), self.log, self.store, self.folder)

    def run(self, stream: Any) -> int:
        return self.sessions.run(SESSION, lambda: stream, lambda _, data: self.shown.append(data))

    def entries(self) -> list[AuditEntry]:
        return [entry_of(one.body.encode()) for one in self.log.store.entries()]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_session_is_told_before_and_after_and_can_be_played_again(scene: Scene) -> None:
    assert scene.run(Stream((1, "하".encode()[:2]), (1, "하".encode()[2:]), (2, b"\xff\x1b[2J"), code=3)) == 3
    begun, done = scene.entries()
    assert (begun.event.kind, begun.event.outcome, done.event.outcome) == (
        AuditKind.EXEC,
        AuditOutcome.BEGUN,
        AuditOutcome.DONE,
    )
    assert begun.event.details["command"] == ["sh", "-c", "echo 'a b'"]
    assert done.event.details["exit_code"] == 3
    digest = str(done.event.details["recording"])
    head, *lines = [json.loads(line) for line in scene.store.get(digest).splitlines()]
    assert (head["version"], head["title"]) == (2, "edge/default/web/main")
    assert [text for _, _, text in lines] == ["하", "\N{REPLACEMENT CHARACTER}\x1b[2J"]
    assert [one for one, _ in scene.log.recordings()] == [digest]
    assert list(scene.folder.iterdir()) == []


def test_a_session_that_breaks_off_is_told_and_its_recording_stays(scene: Scene) -> None:
    with pytest.raises(SluicewayError, match="SLW943"):
        scene.run(Stream((1, b"half"), breaks=SluicewayError("SLW943", "gone")))
    assert scene.entries()[-1].event.outcome is AuditOutcome.FAILED
    assert "half" in next(scene.folder.iterdir()).read_text()


def test_a_command_that_cannot_be_recorded_does_not_run(scene: Scene) -> None:
    with scene.log.store._database.write() as connection:
        connection.exec_driver_sql("drop table audit_entries")
    with pytest.raises(SluicewayError, match="SLW480"):
        scene.run(Stream((1, b"x")))
    assert scene.shown == []


def test_who_may_not_opens_nothing(scene: Scene, tmp_path: Path) -> None:
    stranger = AccessGuard(Caller(principal=ANONYMOUS, channel="api"), OwnerDecider(), scene.log)
    sessions = ExecSessions(stranger, scene.log, scene.store, scene.folder)
    with pytest.raises(RefusedError, match="SLW410"):
        sessions.run(SESSION, lambda: pytest.fail("it was opened"), lambda *_: None)


def test_a_recording_ends_at_its_bound_and_says_so(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.cast", ["yes"], "x", most=1_000) as recording:
        for _ in range(1_000):
            recording.output(1, b"y" * 100)
    assert recording.cut
    assert recording.path.stat().st_size < 1_200
    assert recording.path.stat().st_mode & 0o777 == 0o600
    assert json.loads(recording.path.read_text().splitlines()[-1])[2] == "the recording ends here"
