"""The types of a supervisor's `spec.json`. Supervisors import this for type checking only."""

from __future__ import annotations

from typing import TypedDict


class _Script(TypedDict, total=False):
    script: str
    """Name of the file in the job's `tmp` that `run` goes by; empty: it is an argument."""


class StepSpec(_Script):
    """`timeout_s` 0: the job's own limit. `command` empty: `run` in the shell."""

    name: str
    run: str
    shell: str
    command: list[str]
    env: dict[str, str]
    timeout_s: float


class _Grace(TypedDict, total=False):
    grace_s: float
    """Between SIGTERM and SIGKILL after a cancel or a timeout."""


class JobSpec(_Grace):
    """The steps of a job, in order. `memory_bytes` 0: limited elsewhere."""

    notes: list[str]
    key: str
    cwd: str
    env: dict[str, str]
    steps: list[StepSpec]
    after: list[str]
    timeout_s: float
    memory_bytes: int
    output_bytes: int


class Readiness(TypedDict):
    """`http`: a path; empty: a TCP connect."""

    http: str
    interval_s: float
    timeout_s: float


class Liveness(TypedDict):
    """Restarts a process after this many failures in a row."""

    http: str
    interval_s: float
    failures: int


class _Service(TypedDict):
    key: str
    command: list[str]
    cwd: str
    env: dict[str, str]
    port_env: str
    instances: int
    drain_s: float
    readiness: Readiness | None


class ServiceSpec(_Service, total=False):
    """Long-running processes. `readiness` none: each is ready while it runs."""

    ports: list[int]
    liveness: Liveness | None
    max_backoff_s: float
    umask: int
