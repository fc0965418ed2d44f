"""A command in a pod, by hand: recorded in the audit before it runs, and as a session that can be played again."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from activities.kubernetes.exec import hang_up
from activities.kubernetes.sdk import ExecStream
from activities.pods.recording import Recording
from activities.storage.port import Store
from domain.access.actions import Action
from domain.access.audit import AuditKind, AuditOutcome, Recorder, event_of
from domain.access.resource import Resource, ResourceKind
from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from workers.client.guard import Guard

FOLDER = "recordings"
"""Of the home: sessions under way, and those whose process was killed."""
Show = Callable[[int, bytes], None]


@dataclass(frozen=True)
class Session:
    """One command in one container."""

    cluster: str
    namespace: str
    pod: str
    container: str
    command: tuple[str, ...]

    @property
    def place(self) -> str:
        """`CLUSTER/NAMESPACE/POD/CONTAINER`."""
        return f"{self.cluster}/{self.namespace}/{self.pod}/{self.container}"


@dataclass(frozen=True)
class ExecSessions:
    """Of one caller. A command that cannot be recorded does not run."""

    guard: Guard
    recorder: Recorder
    store: Store
    folder: Path

    def run(self, session: Session, open_: Callable[[], ExecStream], show: Show) -> int:
        """The command's exit code; `show` gets its outputs by channel.

        Raises:
            RefusedError: SLW410 or SLW411, the caller may not.
            SluicewayError: SLW480, it cannot be recorded; SLW943, the cluster refuses or does not answer.
        """
        verdict = self.guard.need(Action.CLUSTERS_EXEC, _cluster(session))
        name = f"{uuid.uuid4().hex}.cast"
        told: Manifest = {"pod": session.place, "command": list(session.command)}
        begun = self._tell(AuditOutcome.BEGUN, session, verdict.rule, {**told, "file": name})
        told["intent"] = begun
        try:
            with Recording(self.folder / name, [shlex.join(session.command)], session.place) as recording:
                code = _followed(open_(), recording, show)
            told |= {"cut": True} if recording.cut else {}
            told["recording"] = self.store.put_file(recording.path)
        except BaseException as broken:
            failed = broken.code if isinstance(broken, SluicewayError) else type(broken).__name__
            self._tell(AuditOutcome.FAILED, session, verdict.rule, {**told, "error": failed})
            raise
        self._tell(AuditOutcome.DONE, session, verdict.rule, {**told, "exit_code": code})
        recording.path.unlink()
        return code

    def _tell(self, outcome: AuditOutcome, session: Session, rule: str, details: Manifest) -> int:
        event = event_of(
            self.guard.caller,
            AuditKind.EXEC,
            outcome,
            action=Action.CLUSTERS_EXEC,
            resource=_cluster(session).id,
            rule=rule,
            details=details,
        )
        return self.recorder.record(event)


def _cluster(session: Session) -> Resource:
    return Resource(kind=ResourceKind.CLUSTER, name=session.cluster, cluster=session.cluster)


def _followed(stream: ExecStream, recording: Recording, show: Show) -> int:
    try:
        while stream.is_open():
            stream.update(timeout=1)
            for channel in (1, 2):
                if stream.peek_channel(channel):
                    data = stream.read_channel(channel)
                    recording.output(channel, data)
                    show(channel, data)
        return stream.returncode or 0
    finally:
        hang_up(stream)
