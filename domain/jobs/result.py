"""How jobs and runs end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The status of a job or a run."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled-back"


BAD = frozenset({Status.FAILED, Status.CANCELLED, Status.REFUSED, Status.EXPIRED, Status.ROLLED_BACK})
ENDED = BAD | {Status.PASSED, Status.SKIPPED}

EXIT_CODES: dict[Status, int] = {
    Status.PASSED: 0,
    Status.FAILED: 1,
    Status.CANCELLED: 1,
    Status.REFUSED: 3,
    Status.EXPIRED: 3,
    Status.ROLLED_BACK: 4,
}


class Failure(StrEnum):
    """Why a job did not pass, as retry rules see it."""

    NONE = ""
    INFRASTRUCTURE = "infrastructure"
    TIMEOUT = "timeout"
    EXIT = "exit"
    CHECK = "check"
    """A failed test, gate or approval: a retry would give the same answer."""


@dataclass(frozen=True)
class JobResult:
    """How a job ended; made by the job's runner, kept in the run's record."""

    status: Status
    reason: str = ""
    """Rule and numbers behind the status, for people."""
    failure: Failure = Failure.NONE
    _: KW_ONLY
    exit_code: int = 0
    outputs: dict[str, Any] = field(default_factory=dict)  # JSON: the converter of messages reads no recursive type
    artifacts: dict[str, str] = field(default_factory=dict)
    """Artifact name to digest in the store."""
    log: str = ""
    """Digest of the job's log in the store."""
    report: str = ""
    """Digest of the findings, the test report or the decisions."""
    counts: dict[str, int] = field(default_factory=dict)
    attempt: int = 1
    seconds: float = 0
    reused: str = ""
    """The attempt of the run that produced this result, when a later attempt kept it."""
    rule: str = ""
    """Digest of the environment's rule that an approval was granted under."""
    began: bool = True
    """False: its run was cancelled, refused or got no slot while the job still waited."""


_LETTERS = {
    Status.PASSED: "p",
    Status.FAILED: "f",
    Status.SKIPPED: "s",
    Status.CANCELLED: "c",
    Status.REFUSED: "r",
    Status.EXPIRED: "e",
    Status.ROLLED_BACK: "b",
}
_STATUSES = {letter: status for status, letter in _LETTERS.items()}


def encode_statuses(statuses: Iterable[Status]) -> str:
    """One letter per job, a dot for jobs that have not ended: 5,000 jobs take 5,000 bytes in a continue-as-new."""
    return "".join(_LETTERS.get(status, ".") for status in statuses)


def decode_statuses(ids: Iterable[str], text: str) -> dict[str, Status]:
    """The ended jobs among the ids, in the same order."""
    return {id_: _STATUSES[letter] for id_, letter in zip(ids, text, strict=False) if letter != "."}


def worst(statuses: list[Status]) -> Status:
    """The status of a group: any bad cell decides; skipped when all are; else passed."""
    for bad in (Status.FAILED, Status.ROLLED_BACK, Status.REFUSED, Status.EXPIRED, Status.CANCELLED):
        if bad in statuses:
            return bad
    if statuses and all(status is Status.SKIPPED for status in statuses):
        return Status.SKIPPED
    return Status.PASSED
