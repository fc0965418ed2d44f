"""The environment and the deploy job while they are made of somebody else's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.core.documents import Manifest, Object
from domain.core.values import Json
from domain.releases.imports.ledger import Kind, Ledger, Place, Remark

STEPWISE = ("canary", "blue-green")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person says who converts, since the objects do not."""

    name: str = ""
    """Of the Rollout or Canary, where there are several."""
    service: str = ""
    environment: str = "production"
    cluster: str = ""
    gateway: str = ""
    """`NAMESPACE/NAME`."""
    host: str = ""
    approvers: str = ""
    """The group that approves where the objects wait for a person."""
    manifests: str = "objects.yaml"
    """Path of the file that the deploy job names."""


@dataclass
class Draft:
    """What is known so far; `finish` makes documents of it."""

    ledger: Ledger
    options: Options
    service: str
    namespace: str
    strategy: str = "canary"
    router: str = "gateway-api"
    gateway: str = ""
    host: str = ""
    deploy: Manifest = field(default_factory=dict)
    analysis: Manifest = field(default_factory=dict)
    judged: bool = True
    routing: Manifest = field(default_factory=dict)
    approvals: list[Json] = field(default_factory=list)
    objects: list[tuple[int, Object]] = field(default_factory=list)
    """Each with the index of the object that it was made of."""

    def approve(self, before: float | str, place: Place) -> None:
        """A person decides before a weight, or before the promotion."""
        group = self.options.approvers or "release-managers"
        if not self.options.approvers:
            place.lack("it does not say who may go on", f"groups: [{group}] is a guess; name yours by --approvers")
        self.approvals.append({"before": plain_number(before), "groups": [group]})

    def weights(self, found: list[float]) -> None:
        """The shares before the promotion, in percent, rising."""
        if found:
            plain: list[Json] = [plain_number(one) for one in found]
            self.analysis |= {"first-weight": plain[0], "steps": plain[1:] or plain}

    def dwell(self, found: list[tuple[Place, float]]) -> None:
        """The times at the weights: the longest is that of each."""
        longest = max((seconds for _, seconds in found), default=None)
        if longest is None:
            return
        for place, seconds in found:
            if seconds == longest:
                place.take()
            else:
                place.lose("each weight lasts as long as the longest one", f"analysis: {{min-dwell: {span(seconds)}}}")
        self.analysis["min-dwell"] = span(longest)
        if longest > 600:
            self.analysis["max-dwell"] = span(longest)

    def environment(self) -> Manifest:
        """The environment's document."""
        place: Manifest = {"cluster": self._said("cluster", "production"), "namespace": self.namespace}
        if self.router in ("gateway-api", "istio"):
            place["gateway"] = self.gateway or self._said("gateway", "")
            place["host"] = self.host or self._said("host", "")
        head = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": self.options.environment}
        return {**head, "target": {"kubernetes": {key: value for key, value in place.items() if value}}}

    def _said(self, name: str, guess: str) -> str:
        given: str = getattr(self.options, name)
        if not given:
            shown = f"; {guess} is a guess" if guess else ""
            what = f"no object says the {name}{shown}"
            self.ledger.say(Remark(kind=Kind.MISSING, what=what, instead=f"name it by --{name}"))
        return given or guess

    def pipeline(self) -> Manifest:
        """The pipeline's document, with the deploy job."""
        made: Manifest = {"service": self.service, "target": "kubernetes", "router": self.router}
        made |= {"manifests": [self.options.manifests], **self.deploy, "strategy": self.strategy}
        if self.strategy != "recreate":
            made["analysis"] = self.analysis if self.judged else False
            if self.judged and not self.analysis:
                del made["analysis"]
        if self.approvals:
            made["approvals"] = self.approvals
        if self.routing and self.strategy in STEPWISE:
            made["routing"] = self.routing
        job: Manifest = {"environment": self.options.environment, "deploy": made}
        head = {"apiVersion": "sluiceway/v1", "kind": "Pipeline", "name": f"release-{self.service}"}
        return {**head, "jobs": {"release": job}}


def plain_number(value: float | str) -> Json:
    """A number as people write it: 25, not 25.0."""
    return int(value) if isinstance(value, float) and value == int(value) else value


def span(seconds: float) -> str:
    """`90s`, or `1500ms`: a duration as definitions have it."""
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{max(1, round(seconds * 1000))}ms"


@dataclass(frozen=True)
class Converted:
    """The documents, and what was said on the way, by the order of the objects."""

    environment: Mapping[str, Json]
    pipeline: Mapping[str, Json]
    objects: tuple[Object, ...]
    remarks: tuple[Remark, ...]
    used: frozenset[tuple[int, tuple[str | int, ...]]]

    @property
    def complete(self) -> bool:
        """Whether nothing is lost, and nothing missing."""
        return all(one.kind is Kind.NOTE for one in self.remarks)
