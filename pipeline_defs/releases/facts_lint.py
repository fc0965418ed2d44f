"""Warns of what a cluster lacks for a release, by the facts of it that are in the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.clusters.facts import FILE, ClusterFacts, facts_of
from domain.core.documents import Node
from domain.releases.capabilities import CAPABILITIES, Capability, there, wanted
from pipeline_defs.core import yaml_nodes
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import rollout_spec, router_of

CODE = "SLW708"
MOST_CLUSTERS = 50


def lint_facts(block: model.Deploy, job: JobContext, place: Callable[[str], Path]) -> Iterator[Diagnostic]:
    """`place`: of the block that says a key. What is told is never more than a warning: the file is a stranger's."""
    data = job.files.read_file(FILE)
    if data is None:
        return
    router = router_of(block)
    needs = dict(wanted(block.strategy, rollout_spec(block)))
    if block.autoscale is not None:
        needs[Capability.SCALE] = ("autoscale",)
    for facts in _read(data):
        has = there(router, facts)
        for capability, key in needs.items():
            if capability in CAPABILITIES.get((block.target, router), ()) and capability not in has:
                words = f"cluster {facts.cluster} cannot {capability} with router '{router}', as it was read"
                said = key if key[0] in block.model_fields_set else ("target",)
                where = (*place(said[0]), *said)
                yield job.reporter.warning(CODE, f"{words} {facts.read_at or 'once'}", where, hint=f"see {FILE}")


def _read(data: bytes) -> list[ClusterFacts]:
    nodes, broken = yaml_nodes.read_all(data, FILE)
    if broken:
        return []
    found = [facts_of(Node(one.plain()).object()) for one in nodes[:MOST_CLUSTERS]]
    return [one for one in found if one is not None]
