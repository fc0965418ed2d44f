"""What people have ordered for clusters at the command line, and what the signer therefore permits in them.

A cluster outlives whoever wanted it: what it is to be stays permitted until somebody wants it otherwise. It is taken
down by an order, by the run that made it for itself, or while it was never complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.authority.held import HeldEach
from domain.core.documents import Manifest, Node, Object

UNDO = "undo "
"""Before the name of a phase: taking it down."""
PREFLIGHT = "preflight"
"""The first phase of a cluster that is made or changed: what is taken down never sees it again."""
KNOWN = "known"
"""The address of a complete cluster is written down: it stands."""
LOOK, REPAIR, CREATE_POD, REMOVE_POD, VOLUME = "look", "repair", "create-pod", "remove-pod", "volume"
CHANGE_OBJECT = "change-object"
"""A workload is restarted, or a pod is deleted, that no workflow of ours owns."""
ARGOCD_SYNC = "argocd-sync"
APPLY_REQUEST, END_REQUEST = "apply-request", "end-request"
"""What people agreed to is done to objects of a cluster that was made elsewhere, and taken back."""
REQUEST, REQUEST_ENDED = "request", "request-ended"
"""The bases of a permit to do what people agreed to, and to take it back."""
EPHEMERAL = "ephemeral"
"""The basis of a permit for a cluster that is its run's own."""
SPARE_S = 3_600.0
"""How long an order for a pod, a volume or an object holds beyond the time that it gives: retries, and a worker that
was away."""
HOUR_S = 3_540
"""In which repairs are counted: a minute less than the engine's hour, since they begin at different moments."""
MOST_PODS, MOST_OTHERS = 20_000, 1_000
"""Orders of one person that are remembered, for pods; for volumes, and for objects."""
AGREED_S = 7 * 3_600.0
"""How long what people agreed to may be done after it was permitted first: a cluster is tried for six hours."""


class OrderKind(StrEnum):
    """What somebody can order."""

    CLUSTER = "cluster"
    """The cluster is to be this."""
    DELETE = "delete"
    GUARD = "guard"
    """Automatic repair, so many actions an hour; 0: none any more."""
    POD = "pod"
    VOLUME = "volume"
    OBJECT = "object"
    """Something is done to an object that no workflow of ours owns."""
    IMPORT = "import"
    """What runs in a cluster already is a service's version: `cluster` is `ENVIRONMENT/SERVICE`."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants of a cluster, said to the signer itself by the command that they gave."""

    kind: OrderKind
    cluster: str
    what: str = ""
    """Digest of all that decides what happens; the same as the claim's."""
    pod: str = ""
    """Workflow id of the pod."""
    where: str = ""
    """Digest of how the pod's cluster is reached and of its namespace."""
    actions: int = 0
    """Repairs in an hour."""
    lasts_s: float = 0
    by: str = ""
    """Who gave it, as the machine knows them: for people."""
    person: str = ""
    """`person:NAME` of whoever gave it through a server; empty: by hand."""
    expires_at: int = 0
    """Of a signed one, in seconds since the epoch."""
    nonce: str = ""
    """Of a signed one: it counts once."""
    again: bool = False
    """Of a pod: it is to run once more. What it is, a workflow has told, so it has to be what was ordered before."""
    via: str = ""
    """Digest of how a cluster's provider is reached: its `connection`. Told by whoever reads the content."""
    impersonates: bool = False
    """People act in the cluster under their own names. Told by whoever reads the content."""
    content: Object = field(default_factory=dict)
    """What `what` is the digest of. A server, which is believed nothing, sends it along; no log keeps it."""
    before: Object = field(default_factory=dict)
    """Of a cluster that is changed: what it is until now, sent along like `content`."""

    def body(self) -> Manifest:
        """As the log has it."""
        return {
            "kind": self.kind,
            "cluster": self.cluster,
            "what": self.what,
            "pod": self.pod,
            "where": self.where,
            "actions": self.actions,
            "lasts_s": self.lasts_s,
            "by": self.by,
            "person": self.person,
            "expires_at": self.expires_at,
            "nonce": self.nonce,
            "again": self.again,
            "via": self.via,
            **({"impersonates": True} if self.impersonates else {}),
        }


def order_of(body: Object) -> Order:
    """Raises:
    ValueError: it is of no known kind.
    """
    said = Node(body)
    return Order(
        kind=OrderKind(said["kind"].text()),
        cluster=said["cluster"].text(),
        what=said["what"].text(),
        pod=said["pod"].text(),
        where=said["where"].text(),
        actions=said["actions"].whole(),
        lasts_s=said["lasts_s"].number(),
        by=said["by"].text()[:200],
        person=said["person"].text()[:200],
        expires_at=said["expires_at"].whole(),
        nonce=said["nonce"].text()[:64],
        again=said["again"].value is True,
        via=said["via"].text()[:64],
        impersonates=said["impersonates"].value is True,
        content=said["content"].object(),
        before=said["before"].object(),
    )


@dataclass
class Record:
    """A cluster as the signer knows it. Its states are digests of what it is to be."""

    now: str = ""
    wanted: str = ""
    """Ordered, and not seen yet."""
    own: bool = False
    """It is its run's own, which takes it down."""
    stands: bool = False
    """It was complete, so only who may delete it takes it down."""
    deleted: bool = False
    """Its deletion was ordered."""
    going: bool = False
    """Something of it was taken down."""
    actions: int = 0
    via: str = ""
    """How its provider is reached; empty: nobody has said it to this version."""
    impersonates: bool = False
    """People act in it under their own names, and only by hand does that end."""
    repaired: list[tuple[int, str]] = field(default_factory=list)
    """Repairs of the last hour: when, and the digest of which."""


@dataclass(frozen=True)
class PodOrder:
    """A pod that somebody has ordered."""

    what: str
    where: str
    until: float
    person: str = ""
    """`person:NAME` of whoever ordered it last through a server; empty: by hand."""


@dataclass(frozen=True)
class ObjectOrder:
    """What somebody has ordered to be done to an object."""

    until: float
    person: str = ""


@dataclass
class ClusterLedger:
    """All orders by what they are about. `ordered` and `permitted` are all that changes it."""

    records: dict[str, Record] = field(default_factory=dict)
    pods: HeldEach[str, PodOrder] = field(default_factory=lambda: HeldEach(MOST_PODS))
    volumes: HeldEach[tuple[str, str], float] = field(default_factory=lambda: HeldEach(MOST_OTHERS))
    """Cluster and digest of what is to be done, to the end of the order."""
    objects: HeldEach[tuple[str, str], ObjectOrder] = field(default_factory=lambda: HeldEach(MOST_OTHERS))
    """The same of what is to be done to an object."""
    imports: dict[str, str] = field(default_factory=dict)
    """`ENVIRONMENT/SERVICE` to the digest of the deployment that was last ordered to be imported."""
    nonces: dict[str, int] = field(default_factory=dict)
    """Of orders that a person has signed, to their end."""
    agreed: set[str] = field(default_factory=set)
    """Requests that were permitted: what each did may be taken back."""
    agreed_at: dict[str, int] = field(default_factory=dict)
    """When each was permitted first, where it is done to objects of others."""
    taken_back: set[str] = field(default_factory=set)
    """Requests that a cluster was told to take back: they are not done again."""
    inherited: set[str] = field(default_factory=set)
    """Clusters from before the signer was asked: what each is at the first question is what it is to be."""

    def ordered(self, order: Order, at: float) -> None:
        """Remembers an order."""
        if order.nonce:
            self.nonces = {nonce: until for nonce, until in self.nonces.items() if until >= at}
            self.nonces[order.nonce] = order.expires_at
        if order.kind is OrderKind.IMPORT:
            self.imports[order.cluster] = order.what
            return
        until, key = at + order.lasts_s + SPARE_S, (order.cluster, order.what)
        match order.kind:
            case OrderKind.POD:
                self.pods.put(order.pod, PodOrder(order.what, order.where, until, order.person), order.person)
            case OrderKind.OBJECT:
                self.objects.put(key, ObjectOrder(until, order.person), order.person)
            case OrderKind.VOLUME:
                self.volumes.put(key, until, order.person)
            case _:
                self._of_cluster(order)

    def _of_cluster(self, order: Order) -> None:
        if order.kind is OrderKind.GUARD and not order.actions and order.cluster not in self.records:
            return  # nothing, of a name that anybody could make up
        record = self.records.setdefault(order.cluster, Record())
        match order.kind:
            case OrderKind.CLUSTER:
                record.wanted, record.via, record.impersonates = order.what, order.via, order.impersonates
            case OrderKind.DELETE:
                record.deleted = True
            case OrderKind.GUARD:
                record.actions = order.actions

    def state(self, cluster: str) -> str:
        """The digest of what it is to be; empty: it is not known."""
        return self.records.get(cluster, Record()).now

    def permitted(self, cluster: str, action: str, digest: str, basis: str, at: int, run: str = "") -> None:
        """Remembers a permit of an effect on a cluster. `run`: on whose behalf."""
        if basis in (REQUEST, REQUEST_ENDED):
            (self.agreed if basis == REQUEST else self.taken_back).add(run)
        if action == APPLY_REQUEST:
            self.agreed_at.setdefault(run, at)
        if action in (CREATE_POD, REMOVE_POD, VOLUME, CHANGE_OBJECT, APPLY_REQUEST, END_REQUEST):
            return
        record = self.records.setdefault(cluster, Record())
        if action == REPAIR:
            record.repaired = [one for one in record.repaired if one[0] > at - HOUR_S]
            record.repaired += [] if any(one == digest for _, one in record.repaired) else [(at, digest)]
            return
        if action.startswith(UNDO):
            record.going, record.stands = True, False
            return
        if record.going and action != PREFLIGHT:
            return
        if record.going:
            kept = Record(wanted=record.wanted, via=record.via, impersonates=record.impersonates)
            self.records[cluster] = record = kept
        record.deleted = record.deleted and action != PREFLIGHT
        record.now, record.wanted = digest, "" if record.wanted == digest else record.wanted
        record.own = record.own or basis == EPHEMERAL
        record.stands = record.stands or action == KNOWN or basis == "upgrade"
        self.inherited.discard(cluster)

    def basis(self, cluster: str, action: str, digest: str, now: float) -> str:
        """Why an effect is permitted without asking a plan; empty: it is not."""
        record = self.records.get(cluster, Record())
        if action == REPAIR:
            return _mends(record, digest, now)
        if action == CHANGE_OBJECT:
            return "order" if (self.objects.get((cluster, digest)) or ObjectOrder(0)).until > now else ""
        if action == VOLUME:
            return "order" if (self.volumes.get((cluster, digest)) or 0) > now else ""
        if action.startswith(UNDO):
            return _takes_down(record) if digest in (record.now, record.wanted) else ""
        if digest == record.wanted:
            return "order"
        if digest == record.now and (not record.going or action == LOOK):
            return "remembered"
        return "upgrade" if cluster in self.inherited else ""

    def person(self, cluster: str, action: str, digest: str, pod: str) -> str:
        """`person:NAME` of whoever ordered through a server what a permit is for; empty: by hand, or nobody. A pod's
        end is nobody's: it ends by itself too, and who wants it ended gives no order.
        """
        order: PodOrder | ObjectOrder | None = None
        if action == CREATE_POD:
            order = self.pods.get(pod)
        elif action == CHANGE_OBJECT:
            order = self.objects.get((cluster, digest))
        return order.person if order else ""

    def via(self, cluster: str) -> str:
        """How a cluster's provider is reached, as it was ordered last; empty: nobody has said."""
        return self.records.get(cluster, Record()).via

    def impersonates(self, cluster: str) -> bool:
        """Whether people act in it under their own names, as it was ordered last."""
        return self.records.get(cluster, Record()).impersonates

    def creates(self, pod: str, what: str, where: str, now: float) -> bool:
        """Whether a pod with this content was ordered there."""
        order = self.pods.get(pod)
        return order is not None and (order.what, order.where) == (what, where) and now < order.until

    def was_ordered(self, order: Order) -> bool:
        """Whether the same pod was ordered before, however long ago."""
        before = self.pods.get(order.pod)
        return before is not None and (before.what, before.where) == (order.what, order.where)

    def removes(self, pod: str, where: str) -> bool:
        """Whether it is a pod that somebody has ordered."""
        order = self.pods.get(pod)
        return order is not None and order.where == where


def _takes_down(record: Record) -> str:
    if record.deleted:
        return "order"
    return EPHEMERAL if record.own else "" if record.stands else "remembered"


def _mends(record: Record, digest: str, now: float) -> str:
    """A repair that is tried again counts once."""
    lately = {one for at, one in record.repaired if at > now - HOUR_S}
    return "order" if digest in lately or len(lately) < record.actions else ""
