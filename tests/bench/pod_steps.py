"""What a step of `true` costs in a pod of a real node: by the agent, and by a client on the worker for each step.

`python -m tests.bench.pod_steps [STEPS]`, as root, after `make cluster-tools`: a line of JSON for each way.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import tempfile
from pathlib import Path

from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.clusters.providers.local.host import HostProvider
from activities.jobs.logs import parse
from activities.jobs.port import JobInput
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.spec import ClusterSpec, NodePool
from domain.jobs.agent import AgentPlace
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from domain.policy.policy import PolicyFor
from tests.support import local_agent
from tests.support.built_programs import built
from tests.support.lab import prepared
from tests.support.made_clusters import IMAGE, NAME, Made, made


async def measured(node: Made, folder: Path, steps: int, agents: AgentPlace | None) -> dict[str, object]:
    """Milliseconds between the starts of two steps."""
    lab = prepared("127.0.0.1:1", folder, agents=agents)
    AddressBook(lab.settings.addresses).remember(node.name, node.access)
    spec = ContainerSpec(IMAGE, pull="never", cluster=NAME)
    job = Job("a", JobKind.RUN, "a", steps=(Step("true"),) * steps, executor="kubernetes", container=spec)
    jobs = lab.wired.jobs
    jobs._permits, jobs._policies = Everything(), PolicyFor
    result = await ActivityEnvironment().run(jobs.run_job, JobInput("run/steps/1", job))
    assert result.status == "passed", result.reason
    at = [line.at for line in parse(lab.wired.store.get(result.log)) if line.stream == "step"]
    between = sorted((after - before) * 1000 for before, after in itertools.pairwise(at))
    return {"steps": steps, "median_ms": round(statistics.median(between), 1), "worst_ms": round(between[-1], 1)}


async def both(node: Made, folder: Path, steps: int) -> None:
    """Prints a line for each way."""
    clients = await measured(node, folder / "clients", max(steps // 5, 3), None)
    print(json.dumps({"pod_step": "a client for each step", **clients}), flush=True)
    async with local_agent.endpoint(folder / "agent" / "home", node.machine) as place:
        agents = await measured(node, folder / "agent", steps, place)
    print(json.dumps({"pod_step": "an agent in the pod", **agents}), flush=True)


def main() -> None:
    """Makes the node, and removes it."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        spec = ClusterSpec(NAME, "host", pools=(NodePool("web", 1),))
        with made(HostProvider(root / "clusters", built()), spec, root) as node:
            asyncio.run(both(node, root, steps))


if __name__ == "__main__":
    main()
