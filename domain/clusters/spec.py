"""The desired state of a cluster, as values. Made from YAML by pipeline_defs/clusters/compile.py."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from domain.clusters import audit_log, parts
from domain.clusters.access import DIALS_OUT, IN_CLUSTER
from domain.clusters.impersonation import SETTING
from domain.secrets import reference
from domain.secrets.reference import is_free
from domain.secrets.rules import SecretUse

_CLASS = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
REGISTERED = "registered"
"""The provider of clusters that were created elsewhere."""
NODE_PREFIX = 24
"""Each node takes a /24 of the pod range: 254 addresses; a kubelet runs 110 pods by default."""


@dataclass(frozen=True)
class Taint:
    """Keeps pods away that do not tolerate it. Effects: NoSchedule, PreferNoSchedule, NoExecute."""

    key: str
    value: str = ""
    effect: str = "NoSchedule"


@dataclass(frozen=True)
class NodePool:
    """Nodes of one kind. CPU in cores."""

    name: str
    count: int = 1
    _: KW_ONLY
    cpu: float = 2
    memory_mb: int = 4096
    pods: int = 110
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    zones: tuple[str, ...] = ()
    max_count: int = 0
    """Upper limit of autoscaling; 0: it is off."""
    min_count: int = 0
    """Lower limit of autoscaling."""


@dataclass(frozen=True)
class Network:
    """Address ranges of a cluster in CIDR notation, and the network plugin."""

    pods: str = "10.244.0.0/16"
    services: str = "10.96.0.0/16"
    nodes: str = "10.99.0.0/24"
    plugin: str = "bridge"
    isolated: bool = False
    """Tenant namespaces start with a default-deny policy."""
    others: str = "tell"
    """What happens then to namespaces that the definition does not name: `domain.clusters.other_namespaces.Others`."""


@dataclass(frozen=True)
class Quota:
    """The quota of one tenant, for its own namespace; 0: no limit."""

    namespace: str
    _: KW_ONLY
    cpu: float = 0
    memory_mb: int = 0
    pods: int = 0
    storage_gb: int = 0
    claims: int = 0
    allow_from: tuple[str, ...] = ()
    """Namespaces whose pods may connect to isolated namespaces; its own always may."""
    allow_to: tuple[str, ...] = ()
    """What its pods may reach besides DNS and each other, as `CIDR` or `CIDR:PORT`."""
    container_cpu: float = 0
    """What one container may use at most, in cores."""
    container_memory_mb: int = 0


@dataclass(frozen=True)
class Scaling:
    """A HorizontalPodAutoscaler for one workload. `cpu` in percent of the requests."""

    namespace: str
    workload: str
    """The name of a Deployment, or `StatefulSet/NAME`."""
    least: int = 1
    most: int = 3
    cpu: int = 80


@dataclass(frozen=True, order=True)
class Priority:
    """A PriorityClass. Pods get it by its name; a class that exists never changes, so another value makes it again."""

    name: str
    value: int
    preempts: bool = True
    """Whether its pods may take the place of pods of a lower class."""


@dataclass(frozen=True)
class ClusterSpec:
    """The desired state of a cluster, from a definition or a command; its workflow keeps it."""

    name: str
    provider: str
    _: KW_ONLY
    version: str = ""
    """Kubernetes version, such as 1.34.4; empty: the provider's default."""
    runtime: str = "containerd"
    network: Network = Network()
    pools: tuple[NodePool, ...] = (NodePool("default"),)
    storage: str = ""
    add_ons: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    """Program by role, see domain/clusters/parts.py."""
    quotas: tuple[Quota, ...] = ()
    scaling: tuple[Scaling, ...] = ()
    priorities: tuple[Priority, ...] = ()
    """By name."""
    connection: dict[str, str] = field(default_factory=dict)
    """Provider-specific settings. Credentials are names of secrets: `secret:NAME`."""
    use: SecretUse = field(default=SecretUse(), compare=False)
    """What decides which secrets it may have; a later wish brings its own."""
    asked_by: str = field(default="", compare=False)
    """The request that made it this, `request/CLUSTER/N`; empty: a definition, or a person's own command."""

    @property
    def ours(self) -> bool:
        """Whether it is created here, so it may be updated and deleted here."""
        return self.provider != REGISTERED

    @property
    def context(self) -> str:
        """The kubeconfig context; empty: the current one."""
        return self.connection.get("context", "")

    @property
    def impersonates(self) -> bool:
        """Whether people act in it under their own names, see `domain.clusters.impersonation`."""
        return self.connection.get(SETTING) == "true"

    @property
    def dials_out(self) -> bool:
        """Whether a worker in it dials out, since nobody here can reach it."""
        return self.provider == REGISTERED and self.connection.get("kubeconfig") == DIALS_OUT

    @property
    def nodes(self) -> int:
        """Number of nodes of all pools together."""
        return sum(pool.count for pool in self.pools)


REACHED_BY = {REGISTERED: "kubeconfig", "cluster-api": "management"}
"""Of a provider, the setting that names a kubeconfig: a secret, or else a file of the worker's machine with or without
`file:`, which may name programs; `in-cluster` and nothing are the worker's own account.
"""


def taken_from_worker(spec: ClusterSpec) -> str:
    """What a pipeline's definition takes of the worker's own files and variables; empty: nothing.

    Somebody at the command line may name them: whoever writes a definition could name any.
    """
    if not spec.use.pipeline:
        return ""
    free = [key for key, value in spec.connection.items() if is_free(value) or (key == "env" and value)]
    free += [
        key
        for key in REACHED_BY.values()
        if (value := spec.connection.get(key)) and value != IN_CLUSTER and not value.startswith(reference.SETTING)
    ]
    return f"connection.{free[0]}" if free else ""


OF_THE_MACHINE = ("add-ons", "env", "images", "module")
"""Settings of a connection that name a folder or variables of the worker's machine."""


def of_the_machine(provider: str, connection: Mapping[str, str]) -> str:
    """The first setting that takes anything of the worker's machine; empty: none. A person at a server names none."""
    found = [key for key, value in connection.items() if value and (key in OF_THE_MACHINE or is_free(value))]
    found += [
        key
        for key in REACHED_BY.values()
        if (key in connection or key == REACHED_BY.get(provider))
        and not connection.get(key, "").startswith(reference.SETTING)
    ]
    return f"connection.{found[0][:100]}" if found else ""


def registered(name: str, kubeconfig: str, context: str = "", *, impersonate: bool = False) -> ClusterSpec:
    """A cluster that was created elsewhere. `kubeconfig` is a reference, see Access."""
    connection = {"kubeconfig": kubeconfig, **({"context": context} if context else {})}
    connection |= {SETTING: "true"} if impersonate else {}
    return ClusterSpec(name, REGISTERED, runtime="", pools=(), connection=connection)


def node_names(spec: ClusterSpec) -> Iterator[tuple[NodePool, str, str]]:
    """Each node as pool, name and zone ("": none); zones alternate, so that a pool is spread evenly."""
    for pool in spec.pools:
        for number in range(pool.count):
            zone = pool.zones[number % len(pool.zones)] if pool.zones else ""
            yield pool, f"{spec.name}-{pool.name}-{number}", zone


def complaints(spec: ClusterSpec) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Invalid settings, each with the path of the key at fault."""
    ranges: list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network]] = []
    for word in ("pods", "services", "nodes"):
        text = getattr(spec.network, word)
        try:
            ranges.append((word, ipaddress.ip_network(text)))
        except ValueError as wrong:
            yield ("network", word), f"{word} range: {wrong}"
    for index, (word, net) in enumerate(ranges):
        for other, known in ranges[:index]:
            if net.version == known.version and net.overlaps(known):
                yield ("network", word), f"the {word} range {net} overlaps the {other} range {known}"
    if spec.connection.get(SETTING, "false") not in ("true", "false"):
        yield ("connection", SETTING), f"{SETTING} is 'true' or 'false', not {spec.connection[SETTING][:40]!r}"
    for words in audit_log.complaints(spec.provider, spec.connection):
        yield ("connection", audit_log.SETTING), words
    if spec.network.others == "deny" and not spec.network.isolated:
        yield ("network", "others"), "others: deny needs isolated: true: its own namespaces would be open"
    yield from _room(spec, dict(ranges))
    yield from parts.complaints(spec.provider, spec.parts)
    names = [pool.name for pool in spec.pools]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("pools", index, "name"), f"two pools have the name {name}"
    for index, pool in enumerate(spec.pools):
        if pool.max_count and pool.max_count < pool.count:
            yield ("pools", index, "max-count"), f"max-count {pool.max_count} is below the count {pool.count}"
        if pool.max_count and pool.min_count > pool.count:
            yield ("pools", index, "min-count"), f"min-count {pool.min_count} is above the count {pool.count}"
    for index, quota in enumerate(spec.quotas):
        for number, text in enumerate(quota.allow_to):
            try:
                reachable(text)
            except ValueError as wrong:
                yield ("quotas", index, "allow-to", number), str(wrong)
    for index, one in enumerate(spec.scaling):
        if one.most < one.least:
            yield ("scaling", index, "max"), f"max {one.most} is below min {one.least}"
    yield from _of_priorities(spec.priorities)
    spaces = [quota.namespace for quota in spec.quotas]
    for index, space in enumerate(spaces):
        if space in spaces[:index]:
            yield ("quotas", index, "namespace"), f"two quotas are for the namespace {space}"


HIGHEST_PRIORITY = 1_000_000_000
"""Higher values are for classes of Kubernetes, whose names begin with `system-`.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass
"""


def wrong_class(name: str) -> str:
    """Why a name is none of a PriorityClass that is made here; empty: it is one."""
    if not _CLASS.fullmatch(name):
        return f"'{name[:63]}' is no name of a priority class"
    return "names that begin with system- are for classes of Kubernetes" if name.startswith("system-") else ""


def _of_priorities(found: tuple[Priority, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    names = [one.name for one in found]
    for index, one in enumerate(found):
        if why := wrong_class(one.name):
            yield ("priorities", index, "name"), why
        if one.name in names[:index]:
            yield ("priorities", index, "name"), f"two priority classes have the name {one.name}"


def reachable(text: str) -> tuple[str, int]:
    """`10.0.0.0/8:443` as range and port; 0: every port.

    Raises:
        ValueError: the range or the port is invalid.
    """
    head, slash, tail = text.rpartition("/")
    bits, colon, port = tail.partition(":")
    plain = text.isascii() and "%" not in text  # an address with a zone is of one machine
    if not slash or not plain or (colon and not (port.isdecimal() and 0 < int(port) < 65536)):
        raise ValueError(f"'{text}' is not an address range; write CIDR or CIDR:PORT, for example 10.0.0.0/8:443")
    return str(ipaddress.ip_network(f"{head}/{bits}")), int(port or 0)


def _room(
    spec: ClusterSpec, ranges: dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    most = sum(max(pool.count, pool.max_count) for pool in spec.pools)
    pods, nodes = ranges.get("pods"), ranges.get("nodes")
    if pods is not None and pods.version == 4 and most > 2 ** max(NODE_PREFIX - pods.prefixlen, -1):
        have = int(2 ** max(NODE_PREFIX - pods.prefixlen, -1))
        yield (
            ("network", "pods"),
            f"the pods range {pods} fits {have} nodes (a /24 each), but {most} are requested",
        )
    if nodes is not None and most > nodes.num_addresses - 3:
        free = max(nodes.num_addresses - 3, 0)
        yield ("network", "nodes"), f"the nodes range {nodes} has {free} addresses for nodes, but {most} are requested"
