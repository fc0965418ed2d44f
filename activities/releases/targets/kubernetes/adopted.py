"""A Deployment that ran before its service was released: a Service of the version leads to its pods.

Of the Deployment itself nothing is written but its number of pods, and that only when it ends or is gone back to.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from activities.kubernetes.port import ApplyApi
from activities.releases.port import Ready
from activities.releases.targets.kubernetes.living import look
from activities.releases.targets.kubernetes.workload import Told, Workload
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import adoption, drift, former_route, former_template, naming, ownership
from domain.releases.kubernetes.drift_classes import Finding, Kind
from domain.releases.kubernetes.place import Adopted, Ends, KubernetesSpec
from domain.releases.kubernetes.readiness import Seen

POLL_S = 0.5
PATIENCE_S = 60.0
"""Beyond the drain time, until its pods have ended."""
WORKLOAD = ("apps/v1", "Deployment")
CHANGED = "SLW961"
PLANNED = "SLW968"


class AdoptedWorkload:
    """See `Workload`."""

    def __init__(self, kube: ApplyApi, spec: KubernetesSpec, adopted: Adopted, deployment: Deployment) -> None:
        self.deployment = deployment
        self._kube, self._adopted, self._place = kube, adopted, spec.place
        self._namespace, self._name = spec.place.namespace, naming.object_name(deployment)

    # -- import and its undo ------------------------------------------------------------------------------------------

    def adopt(self) -> int:
        """Its root and its Service. Returns how many pods have to answer.

        Raises:
            SluicewayError: SLW968, it is not what was planned any more; SLW961, the names are taken.
        """
        if self._live("Service") is None:  # the last that is made: an object of somebody else's is no proof of a look
            self._must_be_as_planned()
        self._made()
        return Node(self._workload()).at("status", "readyReplicas").whole()

    def _must_be_as_planned(self) -> None:
        asked = adoption.asked_again(self.deployment, self._adopted)
        found = adoption.plan(asked, look(self._kube, asked))
        if found.refusals or not adoption.same(self.deployment, found.deployment):
            why = "; ".join(found.refusals) or "its image, its labels or its port are others now"
            what = f"Deployment {self._adopted.workload} is not what was planned to be imported"
            raise SluicewayError(PLANNED, what, why=why)

    def former(self) -> Manifest | None:
        """The route that led to it, as it was; None: there was none."""
        return former_route.again(self._adopted.former)

    def _made(self) -> None:
        root = self._applied(adoption.root(self.deployment, self._adopted))
        self._applied(adoption.service(self.deployment, self._adopted, metadata.uid(root)))

    def _applied(self, one: Object) -> Object:
        live = self._live(Node(one)["kind"].text())
        if why := ownership.whose(one, live) or ownership.kept(one, live):
            what = f"{Node(one)['kind'].text()} {self._name} in {self._namespace} is there already"
            raise SluicewayError(CHANGED, what, why=why, fix="remove it")
        made = self._kube.apply(one, manager=naming.WORKLOADS)
        if more := drift.selecting(one, made):
            self._kube.patch("v1", "Service", self._name, more, self._namespace)
        return made

    # -- as a version -------------------------------------------------------------------------------------------------

    def count(self, instances: int) -> int:
        return instances or max(self._asked(), self.deployment.spec.instances if not self._asked() else 1)

    def apply(self, count: int) -> int:
        """Gone back to after it had ended: it gets its pods again, and a Service."""
        self._need()
        self._made()
        count = max(count, self._asked())
        self._set(count)
        return count

    def scale(self, count: int) -> str:
        """Never fewer than it has: whoever scales it otherwise goes on to do so."""
        self._set(max(count, self._asked()))
        return ""

    def unhold(self) -> None:
        """Nothing was held of it."""

    def preflight(self, previous: Workload | None) -> Ready:
        if self._workload() is None:
            return Ready((f"Deployment {self._adopted.workload} is gone",))
        stable = (previous.answering() or 0) if previous else 0
        return Ready((), self.count(0), stable)

    def contracts(self) -> bool:
        return False

    def hook(self, name: str, limit_s: float, told: Told, *, again: bool = False) -> str:
        return ""

    def end(self, told: Told) -> None:
        """By choice of who imported it, the Deployment stays with no pods, or goes."""
        name = self._adopted.workload
        if self._adopted.ends is Ends.DELETE:
            self._kube.delete(*WORKLOAD, name, self._namespace)
        else:
            self._set(0)
        self._wait_for_no_pods(told)
        self.withdraw()

    def withdraw(self) -> None:
        """The Service goes with its owner."""
        self._kube.delete("v1", "ConfigMap", self._name, self._namespace)
        self._kube.delete("v1", "Service", self._name, self._namespace)

    def exists(self) -> bool:
        return self._live("ConfigMap") is not None or self._live("Service") is not None

    def answering(self) -> int | None:
        found = self._workload()
        if found is None or not self._asked() or self._live("Service") is None:
            return None
        chosen = f"kubernetes.io/service-name={self._name}"
        slices = self._kube.items("discovery.k8s.io/v1", "EndpointSlice", self._namespace, chosen)
        return Seen(found, slices=slices).answering

    def findings(self) -> list[Finding]:
        """Its Deployment beside what it was when it was imported, and whether its pods are led to."""
        workload, ours = f"Deployment {self._adopted.workload}", f"Service {self._name}"
        there = self._workload()
        gone = [Finding(Kind.GONE, workload, f"{workload} is gone")]
        found = gone if there is None else [*former_template.findings(self._adopted, there)]
        live = self._live("Service")
        if live is None:
            return [*found, Finding(Kind.GONE, ours, f"{ours} is gone")]
        if Node(live).at("spec", "selector").strings() != self._adopted.selector:
            found.append(Finding(Kind.TRAFFIC, ours, f"{ours} selects other pods"))
        return found

    def heal(self, objects: Collection[str]) -> None:
        """The Deployment is not ours: one that is gone stays so."""
        if f"Service {self._name}" in objects:
            self._made()

    def wait_ready(self, count: int, told: Told) -> str:
        deadline = time.monotonic() + self.deployment.spec.readiness.timeout_s
        while (answering := self.answering() or 0) < count:
            why = f"{answering} of {count} pods are endpoints of its Service"
            told(why)
            if time.monotonic() > deadline:
                return why
            time.sleep(POLL_S)
        return ""

    # -- inside -------------------------------------------------------------------------------------------------------

    def _set(self, count: int) -> None:
        if self._asked() != count:
            self._kube.patch(*WORKLOAD, self._adopted.workload, {"spec": {"replicas": count}}, self._namespace)

    def _asked(self) -> int:
        found = self._workload()
        return 0 if found is None else Node(found).at("spec", "replicas").whole(1)

    def _need(self) -> None:
        if self._workload() is None:
            what = f"Deployment {self._adopted.workload}, which was imported, is gone"
            raise SluicewayError("SLW865", what, fix="release the version again")

    def _wait_for_no_pods(self, told: Told) -> None:
        deadline = time.monotonic() + PATIENCE_S + self.deployment.spec.drain_s
        chosen = ",".join(f"{key}={value}" for key, value in sorted(self._adopted.selector.items()))
        while self._kube.items("v1", "Pod", self._namespace, chosen):
            told("waits until its pods have ended")
            if time.monotonic() > deadline:
                raise SluicewayError("SLW866", f"{self._adopted.workload} still has pods", transient=True)
            time.sleep(POLL_S)

    def _workload(self) -> Object | None:
        return self._kube.get(*WORKLOAD, self._adopted.workload, self._namespace)

    def _live(self, kind: str) -> Object | None:
        return self._kube.get("v1", kind, self._name, self._namespace)
