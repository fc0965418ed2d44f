"""The objects of one version in its namespace. Calls block; each is idempotent."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from functools import cached_property

from activities.kubernetes.port import ApplyApi
from activities.releases.port import Ready
from activities.releases.targets.kubernetes import hooks
from activities.releases.targets.kubernetes.drift import Drift
from activities.releases.targets.kubernetes.preflight import Preflight
from activities.releases.targets.kubernetes.rendered import Rendered, is_as_applied, is_immutable
from activities.releases.targets.kubernetes.workload import Told, Workload
from activities.secrets.broker import Broker
from activities.storage.port import Store
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import drift, naming, ownership, readiness, scaling
from domain.releases.kubernetes.drift_classes import Finding, Kind
from domain.releases.kubernetes.place import KubernetesSpec
from domain.releases.kubernetes.readiness import Seen

POLL_S = 0.5
WORKLOAD = ("apps/v1", "Deployment")
ROOT = ("v1", "ConfigMap")
SCALED = ("Deployment", "HorizontalPodAutoscaler")
NUMBERS = {".spec.replicas", ".spec.minReplicas", ".spec.maxReplicas"}
CHANGED = "SLW961"
PATIENCE_S = 60.0
"""Beyond the drain time, until the pods of a version have ended."""


class Version:
    """One release in its namespace: its root owns all of its objects."""

    def __init__(
        self, kube: ApplyApi, spec: KubernetesSpec, deployment: Deployment, store: Store, secrets: Broker
    ) -> None:
        self.deployment = deployment
        self._kube, self._secrets = kube, secrets
        self._namespace, self._name = spec.place.namespace, naming.object_name(deployment)
        self._rendered = Rendered(spec, deployment, store, secrets)

    # -- changes ------------------------------------------------------------------------------------------------------

    def count(self, instances: int) -> int:
        """How many pods are asked for; 0: as many as its objects say."""
        return self._rendered.count(instances)

    def apply(self, count: int) -> int:
        """All objects, the root first. Never for fewer pods than it has; returns for how many.

        Raises:
            SluicewayError: SLW961, somebody else has set a field of one; SLW943, the server refuses it.
        """
        root = self._root_applied()
        count = max(count, Node(self._deployment()).at("spec", "replicas").whole())
        for one in self._rendered.standing(metadata.uid(root), count):
            self._put(one)
        self._raise_to(count)
        return count

    def _root_applied(self) -> Object:
        root = self._rendered.made.root
        live = self._own(root)
        return self._applied(root) if live is None or is_as_applied(root, live) else live

    def _put(self, manifest: Object) -> str:
        """Applies what is not there, or was made the same. What an earlier engine made otherwise keeps its template:

        its pods may have traffic, and another template would restart them. It gets the number of pods alone.
        """
        live = self._own(manifest)
        if live is None or (is_as_applied(manifest, live) and not is_immutable(manifest)):
            return self._numbered(manifest)
        if is_immutable(manifest):
            self._unaltered(manifest, live)
        if not is_as_applied(manifest, live) and (numbers := scaling.numbers(manifest)):
            said = Node(manifest)
            patch: Object = {"spec": numbers}
            self._kube.patch(
                said["apiVersion"].text(), said["kind"].text(), metadata.name(live), patch, self._namespace
            )
        return ""

    def scale(self, count: int) -> str:
        """Its Deployment and its autoscaler get another number of pods, and stay as they were applied.

        That number is taken back from whoever else has set it, in words; other fields are not.
        """
        root = self._kube.get(*ROOT, self._name, self._namespace)
        if root is None:
            raise SluicewayError("SLW865", f"{self._name} is not running", fix="release the version again")
        said = [self._put(one) for one in self._rendered.made_of(metadata.uid(root), count) if _is_scaled(one)]
        self._raise_to(count)
        return "; ".join(one for one in said if one)

    def _numbered(self, manifest: Object) -> str:
        """Applied; returns who had set its number of pods, in words."""
        try:
            self._applied(manifest)
        except SluicewayError as refused:
            taken = drift.taken(manifest, self._live(manifest) or {})
            if refused.code != CHANGED or {one.field for one in taken} - NUMBERS:
                raise
            self._kube.apply(manifest, manager=naming.WORKLOADS)
            return "; ".join(f"{one.manager} had set {one.field} of {self._name}" for one in taken)
        return ""

    def unhold(self) -> None:
        """The floor of its autoscaler is its own again: nobody comes back from, or to, another version."""
        root, scaler = self._kube.get(*ROOT, self._name, self._namespace), self._rendered.made.autoscaler
        if root is None or scaler is None or self._live(scaler) is None:
            return
        for one in self._rendered.made_of(metadata.uid(root), self.count(0)):
            if Node(one)["kind"].text() == "HorizontalPodAutoscaler":
                self._put(one)

    def preflight(self, previous: Workload | None) -> Ready:
        """Whether the cluster would take it, and how many pods there are now."""
        asked = Preflight(self._kube, self._namespace, self.deployment, self._rendered)
        if wrong := asked.of_objects():
            return Ready(tuple(wrong))
        wanted, stable = self.count(0), (previous.answering() or 0) if previous else 0
        more = max(wanted, stable) - (self.answering() or 0)
        found = asked.of_cluster(max(more, 0))
        if previous is None:  # what runs may be what serves people
            found += [f"{one.line}: import it first, by `sluiceway release import`" for one in self._drift.beside()]
        differs = previous.findings()[:3] if previous else []
        notes = [f"the live version differs, so it is no sure baseline: {one.line}" for one in differs]
        return Ready(tuple(found), wanted, stable, tuple(sorted(self._rendered.made.hooks)), tuple(notes))

    def contracts(self) -> bool:
        """Whether it has a job that takes away what only earlier versions need."""
        return "contract" in self._rendered.made.hooks

    def hook(self, name: str, limit_s: float, told: Told, *, again: bool = False) -> str:
        """Why the Job of a hook failed; empty: it succeeded, or there is none. `again`: also one that failed before."""
        if name not in self._rendered.made.hooks:
            return ""
        root = self._root_applied()
        job = self._rendered.hook(name, metadata.uid(root))
        assert job is not None
        self._own(job)  # it runs at most once, so one that is there counts
        if self._deployment() is None:  # nothing stands yet, and its pod waits for what it reads
            for one in self._rendered.given(metadata.uid(root)):
                self._put(one)
        if again:
            hooks.forget_failed(self._kube, job, limit_s, told)
        masked = self._secrets.masker(self.deployment.secrets).text
        return masked(hooks.run(self._kube, job, limit_s, told, masked))

    def _raise_to(self, count: int) -> None:
        """At once, where the autoscaler owns the number and would come to it at its next look only."""
        found = Node(self._deployment())
        if self._rendered.made.autoscaler is not None and found.at("spec", "replicas").whole(1) < count:
            self._kube.patch(*WORKLOAD, self._name, {"spec": {"replicas": count}}, self._namespace)

    def end(self, told: Told) -> None:
        """Its Deployment and the pods, which leave the endpoints first; then all its objects."""
        self._kube.delete(*WORKLOAD, self._name, self._namespace)
        self._wait(lambda: not self._pods(), PATIENCE_S + self.deployment.spec.drain_s, told)
        self.withdraw()

    def withdraw(self) -> None:
        """Its Deployment and its root, and with it all that it owns: the cluster does the rest by itself."""
        self._kube.delete(*WORKLOAD, self._name, self._namespace)
        self._kube.delete(*ROOT, self._name, self._namespace)

    def _own(self, one: Object) -> Object | None:
        """The object of this name, when there is one.

        Raises:
            SluicewayError: SLW961, it is another release's, or somebody else's: it is never taken over.
        """
        live = self._live(one)
        if why := ownership.whose(one, live) or ownership.kept(one, live):
            raise self._foreign(one, why)
        return live

    def _unaltered(self, one: Object, live: Object) -> None:
        """A configuration that is there counts when it holds what the release would put there, and ends with it."""
        follows = ownership.has_owner(one, live)
        if follows and self._rendered.is_env(one):  # the value of a secret may be another one by now
            return
        if why := ownership.altered(one, live):
            raise self._foreign(one, why)
        if not follows:
            self._applied(one)

    def _foreign(self, one: Object, why: str) -> SluicewayError:
        what = f"{Node(one)['kind'].text()} {metadata.name(one)} in {self._namespace} is not {self._name}'s own"
        return SluicewayError(CHANGED, what, why=why, fix="remove it, and release again")

    def _live(self, one: Object) -> Object | None:
        said = Node(one)
        return self._kube.get(said["apiVersion"].text(), said["kind"].text(), metadata.name(one), self._namespace)

    def _applied(self, manifest: Object) -> Object:
        try:
            return self._kube.apply(manifest, manager=naming.WORKLOADS, force=False)
        except SluicewayError as refused:
            if refused.status != 409:
                raise
            what = f"somebody else has changed {Node(manifest)['kind'].text()} {metadata.name(manifest)}"
            raise SluicewayError(CHANGED, what, why=refused.why) from refused

    # -- what is there ------------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether its root or its Deployment is there."""
        return self._kube.get(*ROOT, self._name, self._namespace) is not None or self._deployment() is not None

    def answering(self) -> int | None:
        """Number of pods that its Service has as endpoints; None: it does not run."""
        found = self._deployment()
        if found is None or not Node(found).at("spec", "replicas").whole(1):
            return None
        return Seen(found, slices=self._slices()).answering

    def findings(self) -> list[Finding]:
        """Each field that somebody else has set, with manager and time; objects that are gone, or nobody's."""
        return [*self._drift.findings(), *self._drift.beside()]

    @property
    def _drift(self) -> Drift:
        return Drift(self._kube, self._namespace, self._rendered, self.deployment)

    def heal(self, objects: Collection[str]) -> None:
        """Applied over whoever has changed them, with the number of pods that there are, or were asked for."""
        beside = {one.target for one in self._drift.beside() if one.kind is Kind.WORKLOAD} & {*objects}
        if beside:
            self._kube.patch(*WORKLOAD, self._rendered.workload, {"spec": {"replicas": 0}}, self._namespace)
        if beside == {*objects}:
            return
        root = self._root_applied()
        count = Node(self._deployment()).at("spec", "replicas").whole() or self.count(0)
        for one in self._rendered.standing(metadata.uid(root), count):
            if naming.words(one) in objects:
                self._healed(one)
        if naming.words(root) in objects:  # whatever it owned goes with it
            self.apply(count)
        self._raise_to(count)

    def _healed(self, one: Object) -> None:
        """What an earlier engine made otherwise keeps its template."""
        live = self._own(one)
        if is_immutable(one):
            self._put(one)
        elif live is None or is_as_applied(one, live):
            self._again(one)

    def _again(self, one: Object) -> None:
        more = drift.selecting(one, self._kube.apply(one, manager=naming.WORKLOADS))
        if more:
            self._kube.patch("v1", "Service", metadata.name(one), more, self._namespace)

    def wait_ready(self, count: int, told: Told) -> str:
        """Waits until all pods answer; returns why they do not, or empty."""
        began, limit_s = time.monotonic(), self.deployment.spec.readiness.timeout_s
        while True:
            seen, waited_s = self._seen(), time.monotonic() - began
            why = readiness.missing(seen, count)
            if not why:
                return ""
            told(why)
            if broken := readiness.hopeless(seen, waited_s):
                return f"{broken}{self._last_words(seen)}"
            if waited_s >= limit_s:
                return f"after {limit_s:g} s {why}{self._last_words(seen)}"
            time.sleep(POLL_S)

    def _wait(self, happened: Callable[[], bool], limit_s: float, told: Told) -> None:
        deadline = time.monotonic() + limit_s
        while not happened():
            told("waits until its pods have ended")
            if time.monotonic() > deadline:
                raise SluicewayError("SLW866", f"{self._name} still has pods after {limit_s:g} s", transient=True)
            time.sleep(POLL_S)

    def _seen(self) -> Seen:
        return Seen(self._deployment(), self._pods(), self._slices(), self._events())

    def _deployment(self) -> Object | None:
        return self._kube.get(*WORKLOAD, self._name, self._namespace)

    def _pods(self) -> Sequence[Object]:
        return self._kube.items("v1", "Pod", self._namespace, self._selector)

    @cached_property
    def _selector(self) -> str:
        return ",".join(f"{name}={value}" for name, value in naming.selector(self.deployment).items())

    def _slices(self) -> Sequence[Object]:
        chosen = f"kubernetes.io/service-name={self._name}"
        return self._kube.items("discovery.k8s.io/v1", "EndpointSlice", self._namespace, chosen)

    def _events(self) -> Sequence[Object]:
        return sorted(self._kube.items("v1", "Event", self._namespace), key=metadata.event_time)

    def _last_words(self, seen: Seen) -> str:
        pod, container = readiness.failing(seen)
        if not pod:
            return ""
        try:
            text = self._kube.last_output(self._namespace, pod, container)
        except SluicewayError:  # it has not run yet
            return ""
        last = self._secrets.masker(self.deployment.secrets).text(text.strip())[-300:]
        return f"; last line of its log: {last}" if last else ""


def _is_scaled(one: Object) -> bool:
    return Node(one)["kind"].text() in SCALED
