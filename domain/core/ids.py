"""Deterministic names of external resources, from run, job and our attempt: a retried activity finds what it began."""

from __future__ import annotations

import hashlib
from urllib.parse import quote


def job_key(run_id: str, job_id: str, attempt: int) -> str:
    """32 characters that are safe in paths, labels and environment variables."""
    return hashlib.sha256(f"{run_id}\0{job_id}\0{attempt}".encode()).hexdigest()[:32]


def run_id(pipeline: str, number: int, attempt: int = 1) -> str:
    """`run/web-shop/142`, and `run/web-shop/142.2` for its second attempt."""
    return f"run/{pipeline}/{number}" + (f".{attempt}" if attempt > 1 else "")


def pipeline_id(pipeline: str) -> str:
    """Workflow id of the pipeline's entity; one for each name."""
    return f"pipeline/{pipeline}"


def environment_id(environment: str) -> str:
    """Workflow id of the environment's entity, which holds its lock and its release numbers."""
    return f"environment/{environment}"


def place(environment: str, cluster: str = "") -> str:
    """`production`, and `production@eu-1` for one cluster of an environment with several: each has an entity."""
    return f"{environment}@{cluster}" if cluster else environment


def environment_of(place: str) -> str:
    """The environment of a place."""
    return place.partition("@")[0]


def cluster_id(cluster: str) -> str:
    """Workflow id of the cluster's entity."""
    return f"cluster/{cluster}"


def heal_id(cluster: str) -> str:
    """Workflow id of the automatic repair of a cluster."""
    return f"heal/{cluster}"


def inventory_id(cluster: str) -> str:
    """Workflow id of the watch of everything in a cluster."""
    return f"inventory/{cluster}"


def cluster_queue(queue: str, cluster: str) -> str:
    """Task queue of a cluster that dials out: only the worker in it is given what is on it. `queue`: the engine's."""
    return f"{queue}/cluster/{cluster}"


def dialled_id(cluster: str, call: str) -> str:
    """Workflow id of what the worker in a cluster is asked for once."""
    return f"dialled/{cluster}/{call}"


def calls_queue(queue: str, cluster: str) -> str:
    """Task queue of what its worker is asked for once, beside its watch."""
    return f"{cluster_queue(queue, cluster)}/calls"


def pod_id(cluster: str, namespace: str, name: str, attempt: int = 1) -> str:
    """Workflow id of a pod; each attempt is a workflow of its own."""
    return f"pod/{cluster}/{namespace}/{name}/{attempt}"


def is_pod_in(workflow: str, cluster: str) -> bool:
    """Whether it is the workflow of a pod in this cluster."""
    kind, named, *rest = [*workflow.split("/"), ""]
    return (kind, named) == ("pod", cluster) and len(rest) == 4 and all(rest[:2]) and rest[2].isdecimal()


def is_of_pod(workflow: str, cluster: str, namespace: str, name: str) -> bool:
    """Whether a pod's name is one that its workflow gives: a pod that is placed again has a number behind it."""
    base, _, attempt = workflow.removeprefix(f"pod/{cluster}/{namespace}/").rpartition("/")
    if not attempt.isdecimal() or workflow != pod_id(cluster, namespace, base, int(attempt)):
        return False
    return name == base or (name.startswith(f"{base}-") and name.removeprefix(f"{base}-").isdecimal())


def object_id(cluster: str, namespace: str, kind: str, name: str) -> str:
    """Workflow id of what is done to an object that no workflow of ours owns; the same for every action on it."""
    return f"object/{cluster}/{namespace}/{kind}/{name}"


def volume_id(cluster: str, namespace: str, name: str) -> str:
    """Workflow id of a volume; the same for every action, so no two run at once."""
    return f"volume/{cluster}/{namespace}/{name}"


def release_id(service: str, environment: str, number: int) -> str:
    """Workflow id of a release; `number` is the environment's, from `reserve`."""
    return f"release/{service}/{environment}/{number}"


def queue_id(level: str, group: str) -> str:
    """`queue/runs/GROUP` or `queue/jobs/GROUP`: separate, so a run never waits for a slot that it holds itself."""
    return f"queue/{level}/{group}"


def approval_id(run: str, job: str) -> str:
    """Workflow id of an approval of a run or of a release; the prefix `run/` of a run's id is dropped."""
    return f"approval/{run.removeprefix('run/')}/{job}"


def release_of(text: str) -> str:
    """The release id of `release/web-shop/production/57` or `web-shop/production/57`; empty: the text names a run."""
    service, _, rest = text.removeprefix("release/").partition("/")
    environment, _, number = rest.rpartition("/")
    whole = service and environment and "/" not in environment and number.isdigit()
    return release_id(service, environment, int(number)) if whole and not text.startswith("run/") else ""


def split_run(text: str) -> tuple[str, int, int]:
    """`run/web-shop/142`, `web-shop/142` or `web-shop#142.2` as name, number and attempt (0: not given).

    Raises:
        ValueError: the text is not a run id.
    """
    name, _, rest = text.removeprefix("run/").replace("#", "/").rpartition("/")
    number, dot, attempt = rest.partition(".")
    if not name or not number.isdecimal() or (dot and not (attempt.isdecimal() and int(attempt))):
        raise ValueError(f"'{text}' is not a run; write NAME/NUMBER, for example web-shop/142, or web-shop/142.2")
    return name, int(number), int(attempt) if dot else 0


CONSOLE = "/temporal/console"
"""Below it, each execution's id leads to its page: what is written into histories outlives the pages' own addresses."""


def console_link(workflow: str) -> str:
    """Markdown of the way from an execution in Temporal's UI to its page in the console, on the server of both."""
    return f"[in the console]({CONSOLE}/{quote(workflow, safe='/')})"
