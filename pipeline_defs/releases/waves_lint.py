"""Errors in an environment's clusters and waves."""

from __future__ import annotations

from collections.abc import Iterator

from domain.releases.kubernetes.counted import Prometheus
from domain.releases.waves.plan import complaints
from domain.releases.waves.spec import WaveSpec, WavesSpec
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.releases.environment_target import KubernetesPlace

CODE = "SLW203"
_HERE = ("target", "kubernetes")


def waves(block: KubernetesPlace, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """One cluster or several; and each of several in exactly one wave."""
    if bool(block.cluster) == bool(block.clusters):
        yield reporter.report(CODE, "write either `cluster` or `clusters`", _HERE, key=True)
    elif not block.clusters and block.waves:
        yield reporter.report(CODE, "waves need `clusters`", (*_HERE, "waves"), key=True)
    elif block.clusters:
        for index, told in complaints(spec_of(block)):
            where = (*_HERE, "waves", index, "clusters") if index >= 0 and block.waves else (*_HERE, "clusters")
            yield reporter.report(CODE, told, where)


def counters(block: KubernetesPlace, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """A Prometheus that can be asked, and whose series are those of one cluster at a time."""
    if block.counters:
        said = block.counters.prometheus
        counted = Prometheus(address=said.address, service=said.service, labels=said.labels, token=said.token)
        if wrong := counted.complaint(several=len(block.clusters) > 1):
            yield reporter.report(CODE, wrong, (*_HERE, "counters", "prometheus"), key=True)


def spec_of(block: KubernetesPlace) -> WavesSpec:
    """As the domain has it."""
    found = [WaveSpec(clusters=tuple(one.clusters), soak_s=one.soak, at_once=one.at_once) for one in block.waves]
    return WavesSpec(clusters=block.clusters, waves=tuple(found))
