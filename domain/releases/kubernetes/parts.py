"""What each rendered object is for a release: the workload, its configuration, its port, its autoscaler, a hook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.references import CONFIG, SECRET, Names

HOOK = "sluiceway.dev/hook"
"""Annotation of a Job: when a release runs it."""
HELM_HOOK = "helm.sh/hook"
HOOKS = ("expand", "before", "after", "contract")
_OF_HELM = {
    "pre-install": "before",
    "pre-upgrade": "before",
    "post-install": "after",
    "post-upgrade": "after",
}
_SCALERS = {("keda.sh", "ScaledObject")}
"""Group and kind of objects that own a Deployment's number of pods."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rendered objects, told apart."""

    workload: Object
    config: tuple[Object, ...] = ()
    services: tuple[Object, ...] = ()
    autoscaler: Object | None = None
    budget: Object | None = None
    hooks: Mapping[str, Object] = field(default_factory=dict)
    others: tuple[Object, ...] = ()

    @staticmethod
    def of(rendered: Sequence[Object]) -> Parts:
        """Raises:
        ValueError: there is not exactly one Deployment.
        """
        by_kind: dict[str, list[Object]] = {}
        for one in rendered:
            by_kind.setdefault(_kind(one), []).append(one)
        workloads = by_kind.pop("apps/v1/Deployment", [])
        if len(workloads) != 1:
            raise ValueError(f"a release has one Deployment, and its source gave {len(workloads)}")
        jobs = by_kind.pop(JOB, [])
        known = {kind: by_kind.pop(kind, []) for kind in (_CONFIG, _SECRET, "v1/Service", _SCALER, _BUDGET)}
        return Parts(
            workload=workloads[0],
            config=(*known[_CONFIG], *known[_SECRET]),
            services=tuple(known["v1/Service"]),
            autoscaler=next(iter(known[_SCALER]), None),
            budget=next(iter(known[_BUDGET]), None),
            hooks={hook: job for job in jobs for hook in hooks_of(job)},
            others=tuple(one for kind in by_kind for one in by_kind[kind]),
        )

    def copies(self, deployment: Deployment) -> Names:
        """The release's own name for each ConfigMap and Secret that its source gave."""
        refs = [(Node(one)["kind"].text(), metadata.name(one)) for one in self.config]
        return {(kind, name): naming.copy_name(name, deployment) for kind, name in refs}

    @property
    def scales_itself(self) -> bool:
        """Whether an autoscaler of another kind is among the objects."""
        return any(
            (Node(one)["apiVersion"].text().partition("/")[0], Node(one)["kind"].text()) in _SCALERS
            for one in self.others
        )

    def target_port(self, port: int) -> tuple[int | str, str]:
        """Where the pods answer, by the source's Service, and its protocol (`appProtocol`); else the port itself."""
        ports = [one for service in self.services for one in Node(service).at("spec", "ports")]
        fitting = [one for one in ports if one["port"].whole() == port] or (ports if len(ports) == 1 else [])
        if not fitting:
            return port, ""
        target = fitting[0]["targetPort"].value
        known = target if isinstance(target, int | str) and target else fitting[0]["port"].whole(port)
        return known, fitting[0]["appProtocol"].text()


JOB = "batch/v1/Job"
_SCALER, _BUDGET = "autoscaling/v2/HorizontalPodAutoscaler", "policy/v1/PodDisruptionBudget"
_CONFIG, _SECRET = f"v1/{CONFIG}", f"v1/{SECRET}"


def _kind(one: Object) -> str:
    """With its group and version: another group's kind of the same word was looked at by other rules."""
    return f"{Node(one)['apiVersion'].text()}/{Node(one)['kind'].text()}"


def hooks_of(job: Object) -> tuple[str, ...]:
    """The hooks that a Job is for, by our annotation or by Helm's; those of Helm that no release has are left out."""
    told = metadata.annotations(job)
    if HOOK in told:
        return tuple(one for one in HOOKS if one == told[HOOK])
    words = (word.strip() for word in told.get(HELM_HOOK, "").split(","))
    return tuple(dict.fromkeys(_OF_HELM[word] for word in words if word in _OF_HELM))
