"""What a registered environment says of its place in Kubernetes, from the JSON that its rule carries.

The rule's digest covers this text: an approval that was granted for one set of clusters is none for another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from domain.core.documents import Node, Object
from domain.releases import registries
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.allowed import Allowed, Power
from domain.releases.kubernetes.counted import Prometheus
from domain.releases.kubernetes.drift_classes import EVERY_S, Policy
from domain.releases.kubernetes.place import KubernetesSpec, Place
from domain.releases.registries import Login
from domain.releases.waves.spec import Unreachable, WaveSpec, WavesSpec

MOST_SHOWN = 10
"""Clusters in a sentence."""


@dataclass(frozen=True, kw_only=True)
class RegisteredTarget:
    """`target: {kubernetes: ...}` of an environment: one cluster, or several in waves."""

    cluster: str = ""
    """Empty: there are `waves`."""
    namespace: str = ""
    gateway: str = ""
    host: str = ""
    probe: str = ""
    allowed: Allowed = Allowed()
    counters: Prometheus | None = None
    """Who counts requests; None: the routers' own pods."""
    pull_secret: str = ""
    logins: tuple[Login, ...] = ()
    """Of registries: for tags, and for the pull secret of a release."""
    waves: WavesSpec = field(default_factory=WavesSpec)
    drift: Policy = Policy.HEAL
    """What is done about a workload that somebody has changed, while no release is under way."""
    beside_git: bool = False
    """The environment's block `git` says `import`."""
    drift_every_s: float = EVERY_S
    """0: it is looked for when somebody asks."""

    @property
    def clusters(self) -> Mapping[str, Mapping[str, str]]:
        """Name to labels, of every cluster that this environment may be released to."""
        return self.waves.clusters or ({self.cluster: {}} if self.cluster else {})

    def place(self, cluster: str = "") -> Place:
        """The namespace in one of its clusters; without a name in its only one, or, where it has several, in none.

        Raises:
            KeyError: the environment does not have this cluster.
        """
        name = cluster or self.cluster
        if name not in self.clusters and (name or not self.waves.clusters):
            raise KeyError(name)
        where = {"namespace": self.namespace, "gateway": self.gateway, "host": self.host, "probe": self.probe}
        counters = self.counters.of(name) if self.counters else None
        logins = () if self.pull_secret else self.logins
        where["pull_secret"] = self.pull_secret
        allowed, beside = self.allowed, self.beside_git
        return Place(cluster=name, **where, allowed=allowed, counters=counters, logins=logins, beside_git=beside)


def text_of(body: Object) -> str:
    """The text that a rule carries, of a registered document; empty: its services run elsewhere."""
    block = Node(body).at("target", "kubernetes").object()
    if block and Node(body).at("git", "import_").value is True:
        block = {**block, "import": True}
    return json.dumps(block, sort_keys=True, ensure_ascii=False) if block else ""


def registered(text: str) -> RegisteredTarget | None:
    """The target in a rule's text; None: the environment has none in Kubernetes.

    Raises:
        ValueError: the text was not made by `text_of`.
    """
    if not text:
        return None
    said = Node(json.loads(text))
    waves = tuple(
        WaveSpec(
            clusters=tuple(one["clusters"].texts()),
            soak_s=one["soak"].number(),
            at_once=one["at_once"].whole(1),
        )
        for one in said["waves"]
    )
    plain = WavesSpec()
    return RegisteredTarget(
        cluster=said["cluster"].text(),
        namespace=said["namespace"].text(),
        gateway=said["gateway"].text(),
        host=said["host"].text(),
        probe=said["probe"].text(),
        allowed=_allowed(said["allow"]),
        counters=_prometheus(said["counters"]["prometheus"]),
        pull_secret=said["pull_secret"].text(),
        logins=_logins(said["logins"]),
        beside_git=said["import"].value is True,
        drift=Policy(said["drift"].text(Policy.HEAL)),
        drift_every_s=said["drift_every"].number(EVERY_S),
        waves=WavesSpec(
            clusters={name: labels.strings() for name, labels in said["clusters"].fields()},
            waves=waves,
            unreachable=Unreachable(said["unreachable"].text(plain.unreachable)),
            hold_s=said["hold"].number(plain.hold_s),
        ),
    )


def registered_logins(text: str) -> tuple[Login, ...]:
    """The logins of registries in a rule's text; one that nobody made has none."""
    try:
        found = registered(text)
    except ValueError:
        return ()
    return found.logins if found else ()


def explained(text: str) -> Iterator[tuple[str, str]]:
    """Where its services run, and why: sentences for people, as those of an environment's other rules."""
    try:
        found = registered(text)
    except ValueError:
        return
    if found is None:
        return
    names = sorted(found.clusters)
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    traffic = f", with traffic through the Gateway {found.gateway}" if found.gateway else ""
    where = f"services run in namespace {found.namespace} of {', '.join(names[:MOST_SHOWN])}{more}{traffic}"
    yield where, "its place is registered, never read from a commit"
    if found.beside_git:
        yield "the Deployment that a release is made of stays in git, with no pods", "its block `git` says `import`"
    if found.drift_every_s:
        what = "routes and workloads are" if found.drift is Policy.HEAL else "routes alone are"
        every = f"drift is looked for every {found.drift_every_s:.0f} s, and {what} put back"
        yield every, "it is registered, or the default"
    if counted := found.counters:
        yield f"requests are counted by Prometheus at {counted.address or counted.service}", "it is registered as well"
    if found.pull_secret:
        yield f"its pods pull with the Secret {found.pull_secret} of the namespace", "it is registered as well"
    elif found.logins:
        hosts = ", ".join(one.registry for one in found.logins)
        yield f"its pods pull from {hosts} with a Secret of each release", "its values are secrets, by name"


def in_registered_place(spec: DeploySpec, text: str, cluster: str = "") -> DeploySpec | str:
    """A deployment where its registered environment is, whatever a definition says; or why it has none.

    `text`: of the rule. `cluster`: one of several; empty: the only one, or the whole of a release to several.
    """
    try:
        found = registered(text)
        place = found.place(cluster) if found else None
    except (ValueError, KeyError):
        place = None
    if place is None or not place.namespace:
        return "its environment has no place in Kubernetes: register it with `target: {kubernetes: ...}`"
    return replace(spec, kubernetes=replace(spec.kubernetes or KubernetesSpec(place=place), place=place))


def _prometheus(block: Node) -> Prometheus | None:
    if not block:
        return None
    return Prometheus(
        address=block["address"].text().rstrip("/"),
        service=block["service"].text(),
        labels=block["labels"].strings(),
        token=block["token"].text(),
    )


def _logins(block: Node) -> tuple[Login, ...]:
    """One that is none is left out: nothing is sent by it."""
    found = (
        Login(
            registry=one["registry"].text(),
            user=one["user"].text(),
            secret=one["secret"].text(),
            realms=tuple(one["realms"].texts()),
        )
        for one in block
    )
    return tuple(one for one in found if one.secret and not registries.complaint(one))


def _allowed(block: Node) -> Allowed:
    """Raises:
    ValueError: a power has no such name.
    """
    return Allowed(
        kinds=tuple(block["kinds"].texts()),
        powers=tuple(Power(one) for one in block["powers"].texts()),
        accounts=tuple(block["accounts"].texts()),
        shared=tuple(block["shared"].texts()),
        labels=tuple(block["labels"].texts()),
        annotations=tuple(block["annotations"].texts()),
    )
