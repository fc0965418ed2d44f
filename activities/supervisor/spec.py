"""The types of a supervisor's `spec.json`. Supervisors import this for type checking only."""

from __future__ import annotations

from typing import TypedDict

from domain.jobs.agent import AgentSpec
from domain.jobs.isolation import JailSpec, ProxySpec


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


class _Jail(TypedDict, total=False):
    jail: JailSpec | None
    """None: steps are programs of the engine, which run elsewhere."""


class _Marked(TypedDict, total=False):
    mark: str
    """Of its processes (see tree.py)."""


class _Proxy(TypedDict, total=False):
    proxy: ProxySpec | None
    """None: the job has none."""


class _Agent(TypedDict, total=False):
    agent: AgentSpec | None
    """None: the supervisor starts the steps itself."""


class JobSpec(_Grace, _Jail, _Marked, _Proxy, _Agent):
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


class _Service(_Marked):
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
