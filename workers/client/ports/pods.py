"""Pods: planned, started, listed, shown, restarted, deleted, and what their containers write.

Reads need `clusters:read` on the cluster, logs `logs:read`, everything else `clusters:change`. Raises of every method:
RefusedError SLW410, the caller may not; SluicewayError SLW952, there is no such cluster; SLW943, it does not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from workers.client.ports.definitions import Remark
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.runs import LogPart

MOST_MANIFEST = 256 * 1024
"""Characters of a manifest."""
MOST_REASON = 500


@dataclass(frozen=True, kw_only=True)
class PodForm:
    """A pod in basic mode. CPU in cores and memory in MB, 0: no limit. Files: path below /etc/sluiceway to text."""

    image: str = ""
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variable to the name of a secret that `secret set --by-hand` keeps; each needs `effect:secret` on it."""
    ports: tuple[int, ...] = ()
    cpu: float = 0
    memory_mb: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    pull: str = "IfNotPresent"


@dataclass(frozen=True, kw_only=True)
class PodRequest:
    """A pod that somebody wants: a form, or a manifest as YAML, and where."""

    cluster: str
    namespace: str = "default"
    name: str
    form: PodForm = PodForm()
    """Counts where there is no manifest; its files and secrets count with a manifest too."""
    manifest: str = ""
    attempt: int = 1
    timeout_s: float = 3_600
    idempotent: bool = False
    """Two copies are harmless, so it may be placed again while its node is only silent."""


@dataclass(frozen=True, kw_only=True)
class FormError:
    """A field of the form that cannot be so."""

    field: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PodPlan:
    """What `apply` would do. Nothing was changed for it."""

    id: str
    """Of the workflow: `pod/CLUSTER/NAMESPACE/NAME/ATTEMPT`."""
    digest: str = ""
    """Of all that is shown; `apply` takes it. Empty: it cannot be started like this."""
    manifest: str = ""
    """As YAML, as it is applied, without what the engine marks it with. No value of a secret is in it."""
    errors: tuple[FormError, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """Of the manifest that was given, in the order of lines; warnings too."""
    tried: str = ""
    """What the API server said to a dry run, where it refused; empty: it would take it, or was not asked."""
    asked_server: bool = False
    room: str = ""
    """Why it does not fit into a quota of the namespace; empty: it fits, or there is none."""
    exists: str = ""
    """What has the name already, as a sentence; empty: nothing."""
    diff: str = ""
    """From the pod of that name that runs to this one, as a unified diff; values of its variables are masked."""
    secrets: tuple[str, ...] = ()
    """Names of those that it gets."""


@dataclass(frozen=True, kw_only=True)
class PodRow:
    """A pod that Sluiceway runs, or ran. Times in seconds since the epoch."""

    id: str
    cluster: str
    namespace: str
    name: str
    attempt: int
    phase: str
    """`requested`, `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`, `gone`; `cancelled`: it was deleted."""
    reason: str = ""
    node: str = ""
    started_at: float = 0
    ended_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class PodStep:
    """A phase that it entered."""

    at: float
    phase: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PodDetails:
    """A pod with its life."""

    row: PodRow
    object: str = ""
    """Name of the object in the cluster: an attempt has its number behind the pod's name."""
    exit_code: int = -1
    """-1: none."""
    steps: tuple[PodStep, ...] = ()
    logs: str = ""
    """Digest of what was kept when it ended; empty: nothing was."""
    gap: str = ""
    """What of its logs is missing, and why."""
    temporal: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectAt:
    """An object in a cluster."""

    cluster: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PodLogs:
    """Whose log is read."""

    cluster: str
    namespace: str
    pod: str
    container: str = ""
    """Empty: all of them, in the order of their times, each line with its container."""
    previous: bool = False
    """What the container wrote before it was restarted."""


class Pods(Protocol):
    """Pods of people, and the pods and workloads that they act on."""

    async def plan(self, asked: PodRequest) -> PodPlan:
        """Reads the form or manifest, asks the API server for a dry run, and compares with what is there."""
        ...

    async def apply(self, asked: PodRequest, digest: str, key: str = "") -> str:
        """Starts what a plan with this digest shows; the id of its workflow. The same pod twice is started once.

        Raises:
            RefusedError: SLW467, the plan would be another one by now; SLW034, the signer permits it to nobody.
            DefinitionError: SLW466, it cannot be started like this.
        """
        ...

    async def list(self, cluster: str, namespace: str, page: PageOf, *, running: bool = False) -> Page[PodRow]:
        """Those that Sluiceway runs first, then the others, newest end first. Empty texts filter nothing."""
        ...

    async def show(self, id_: str) -> PodDetails:
        """By the id of its workflow.

        Raises:
            SluicewayError: SLW950, there is none.
        """
        ...

    async def end(self, id_: str, reason: str, key: str = "") -> None:
        """Deletes a pod that Sluiceway runs; its logs are kept first. Does not wait for it.

        Raises:
            SluicewayError: SLW950, there is none that runs.
        """
        ...

    async def restart(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """Replaces a pod of ours by its next placement, and all pods of a workload by a rollout; of a pod that a
        workload has, that workload's. Gives the id of the workflow that does it.

        Raises:
            RefusedError: SLW468, it cannot be restarted; SLW956, something is done to it already.
            SluicewayError: SLW950, it is not there.
        """
        ...

    async def remove(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """Deletes a pod: one of ours by its workflow, with its logs kept; another one as kubectl does. Raises and gives
        what `restart` does.
        """
        ...

    async def log(self, which: PodLogs, *, first: int = 0, limit: int = 500) -> LogPart:
        """Lines from `first` on; 0: the last ones. Masked; of a pod of ours that has ended, what was kept.

        Raises:
            SluicewayError: SLW950, there is neither.
        """
        ...

    async def search(self, which: PodLogs, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """Numbers of the first lines that hold the text, ASCII letters in any case."""
        ...

    async def containers(self, cluster: str, namespace: str, pod: str) -> tuple[str, ...]:
        """Of the pod as it is in the cluster, init containers first; empty: it is not there."""
        ...
