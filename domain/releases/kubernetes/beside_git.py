"""A Deployment that stays in git and is applied from there, and that releases are made of: it has no pods itself.

A release's own objects are in no repository, so no sync turns a shift, an abort or a rollback back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.drift_classes import Finding, Kind
from domain.releases.kubernetes.living import fits, selector_of

LEFT_ALONE = {"argocd.argoproj.io/hook": "Skip", "kustomize.toolkit.fluxcd.io/reconcile": "disabled"}
"""Annotations by which a tool does not apply an object.

https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/ ; https://fluxcd.io/flux/components/kustomize/
"""
REASON = (
    "its environment says `git: {import: true}`: leave this out of the source, and let `instances` say it, or each "
    "sync starts pods beside the release"
)


def is_applied_with_pods(workload: Node) -> bool:
    """Whether whoever applies this Deployment of a source gives it pods."""
    annotations = workload.at("metadata", "annotations").strings()
    skipped = any(annotations.get(key) == value for key, value in LEFT_ALONE.items())
    return not skipped and workload.at("spec", "replicas").value not in (None, 0)


def findings(name: str, live: Object | None, services: Sequence[Object]) -> Iterator[Finding]:
    """What is wrong with the Deployment of that name. What somebody may be served by is told, and not taken away.

    `live`: None, it is not there. `services`: of the namespace.
    """
    said = Node(live)
    pods = said.at("spec", "replicas").whole(1) if live else 0
    if not pods or naming.RELEASE in metadata.labels(live or {}):
        return
    labels = said.at("spec", "template", "metadata", "labels").strings()
    leading = sorted(metadata.name(one) for one in services if (own := selector_of(one)) and fits(own, labels))
    line = f"Deployment {name}, which git keeps, has {pods} pods beside the release"
    if leading:
        yield Finding(Kind.FOREIGN, f"Deployment {name}", f"{line}, and Service {leading[0]} leads to them")
    else:
        yield Finding(Kind.WORKLOAD, f"Deployment {name}", line)
