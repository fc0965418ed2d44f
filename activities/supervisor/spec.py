"""What a supervisor is told, as `spec.json` has it. Supervisors themselves load this for their types alone."""

from __future__ import annotations

from typing import TypedDict


class StepSpec(TypedDict):
    """`timeout_s` 0: the job's own limit. `command` empty: `run` in the shell."""

    name: str
    run: str
    shell: str
    command: list[str]
    env: dict[str, str]
    timeout_s: float


class JobSpec(TypedDict):
    """The steps of a job, one after the other. `memory_bytes` 0: something else limits it."""

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
    """`http`: a path; empty: it accepts a connection."""

    http: str
    interval_s: float
    timeout_s: float


class Liveness(TypedDict):
    """After so many failures in a row it is ended, and started again."""

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
    """Processes that stay. `readiness` none: each is ready as long as it runs."""

    ports: list[int]
    liveness: Liveness | None
    max_backoff_s: float
    umask: int
