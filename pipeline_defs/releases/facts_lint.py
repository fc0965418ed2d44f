"""Warns of what clusters lack for a release: by facts of the repository, and by those that were kept with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.clusters.facts import FILE, ClusterFacts, facts_of
from domain.core.documents import Node
from domain.releases.capabilities import CAPABILITIES, Capability, there, wanted
from pipeline_defs.core import yaml_nodes
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import rollout_spec, router_of
from pipeline_defs.releases.places import Place, services

CODE = "SLW708"
MOST_CLUSTERS = 50
MOST_NAMED = 5
"""Clusters in a sentence."""


@dataclass(frozen=True)
class Known:
    """A cluster that a registered environment releases to."""

    facts: ClusterFacts
    gateway: str = ""
    """Of the environment, as `NAMESPACE/NAME`."""
    age: str = ""
    """Of the facts, as text."""


def lint_facts(block: model.Deploy, job: JobContext, place: Place) -> Iterator[Diagnostic]:
    """`place`: of the block that says a key. What is told is never more than a warning: the file is a stranger's."""
    data = job.files.read_file(FILE)
    for facts in _read(data) if data is not None else ():
        for capability, key in _lacking(block, facts).items():
            words = f"cluster {facts.cluster} cannot {capability} with router '{router_of(block)}', as it was read"
            where = _where(block, place, key)
            yield job.reporter.warning(CODE, f"{words} {facts.read_at or 'once'}", where, hint=f"see {FILE}")


def lint_registered(
    block: model.Deploy, known: Sequence[Known], reporter: DiagnosticReporter, path: Path
) -> Iterator[Diagnostic]:
    """One warning for each thing that some of the environment's clusters cannot. `path`: of the block."""
    for one, place in services(block, path):
        lacks = [(of, _lacking(one, of.facts, of.gateway)) for of in known] if one.target == "kubernetes" else []
        for capability, key in _needs(one).items():
            names = [f"{of.facts.cluster} ({of.age})" for of, lacking in lacks if capability in lacking]
            if names:
                more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
                words = f"these clusters cannot {capability} with router '{router_of(one)}'"
                hint = "`sluiceway cluster show NAME` tells what was read"
                told = f"{words}: {', '.join(names[:MOST_NAMED])}{more}"
                yield reporter.warning(CODE, told, _where(one, place, key), hint=hint)


def _needs(block: model.Deploy) -> dict[Capability, tuple[str, ...]]:
    scale = {Capability.SCALE: ("autoscale",)} if block.autoscale is not None else {}
    return wanted(block.strategy, rollout_spec(block)) | scale


def _lacking(block: model.Deploy, facts: ClusterFacts, gateway: str = "") -> Mapping[Capability, tuple[str, ...]]:
    """What the router could do, and cannot do there; each with the key that needs it."""
    router = router_of(block)
    could = CAPABILITIES.get((block.target, router), frozenset()) - there(router, facts, gateway)
    return {capability: key for capability, key in _needs(block).items() if capability in could}


def _where(block: model.Deploy, place: Place, key: tuple[str, ...]) -> Path:
    said = key if key[0] in block.model_fields_set else ("target",)
    return (*place(said[0]), *said)


def _read(data: bytes) -> list[ClusterFacts]:
    nodes, broken = yaml_nodes.read_all(data, FILE)
    if broken:
        return []
    found = [facts_of(Node(one.plain()).object()) for one in nodes[:MOST_CLUSTERS]]
    return [one for one in found if one is not None]
