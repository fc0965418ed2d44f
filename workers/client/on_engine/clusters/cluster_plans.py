"""The plan of a wish: what would change, what prevents it, what is lost, and what has to be signed. Touches nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from activities.authority.cluster_forms import form
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import needs_signature
from domain.authority.permit import digest_of
from domain.clusters import compatibility, lifecycle
from domain.clusters.autoscaling import ScalePolicy
from domain.clusters.lifecycle import Operation, Status
from domain.clusters.plan import Change, difference, items, refusals
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, Network
from domain.clusters.spec import complaints as spec_complaints
from domain.core.documents import Manifest
from workers.client.on_engine.clusters.cluster_texts import Read
from workers.client.ports.clusters import (
    MOST_LINES,
    ClusterPlan,
    ClusterVerb,
    ClusterWish,
    Loss,
    OrderToSign,
    PlanLine,
    PlanRemark,
    RepairWish,
)

KINDS: Mapping[ClusterVerb, OrderKind] = {
    "create": OrderKind.CLUSTER,
    "scale": OrderKind.CLUSTER,
    "upgrade": OrderKind.CLUSTER,
    "guard": OrderKind.GUARD,
    "delete": OrderKind.DELETE,
}
"""What each verb orders; `heal` orders nothing: what a cluster is to be stays."""
OPERATIONS: Mapping[ClusterVerb, Operation] = {"heal": Operation.HEAL, "delete": Operation.DELETE}
"""Others are updates, of what exists."""


@dataclass(frozen=True)
class Now:
    """A cluster that exists, as its workflow says."""

    spec: ClusterSpec
    status: Status
    busy: str = ""
    """What is requested or under way already."""
    guarded: bool = False


@dataclass(frozen=True)
class Planned:
    """A plan, and what it would make of the cluster."""

    plan: ClusterPlan
    spec: ClusterSpec | None
    """What the cluster is to be; None: it cannot be told, or stays what it is."""
    order: Order | None
    """What the signer is told; None: nothing."""


def planned(
    wish: ClusterWish,
    read: Read | None,
    now: Now | None,
    *,
    person: str,
    home: str,
    others: Mapping[str, Network],
    lost: tuple[Loss, ...] = (),
) -> Planned:
    """`read`: of a `create`. `now` None: the cluster does not exist. `home`: whose signer is told. `others`: networks
    of the other clusters.
    """
    before = now.spec if now else None
    spec, remarks = _wanted(wish, read, now)
    remarks += [*_refused(wish.verb, now, spec)]
    if spec is not None and before is not None:
        remarks += [_error("SLW948", words) for words in refusals(before, spec)]
    if spec is not None and spec.ours and (before is None or before.network != spec.network):
        free = compatibility.free_network(others)
        remarks += [
            replace(_warning(one), fix=f"free: {getattr(free, str(one.path[-1]))}")
            for one in compatibility.overlaps(spec.network, others)
        ]
    changes = difference(items(spec), items(before) if before else []) if spec is not None else _other(wish, now)
    definition = _text(spec) if spec is not None else ""
    order = order_of(wish, spec)
    plan = ClusterPlan(
        name=wish.name,
        verb=wish.verb,
        digest="",
        exists=now is not None,
        status=str(now.status) if now else "",
        lines=tuple(map(_line, changes[:MOST_LINES])),
        counts=Counter(str(one.verb) for one in changes),
        remarks=tuple(remarks),
        lost=lost,
        definition=definition,
        order=_to_sign(order, person, home),
    )
    return Planned(replace(plan, digest=_digest(plan, wish, before)), spec, order)


def policy_of(wish: RepairWish) -> RepairPolicy | None:
    """None: automatic repair is to be off."""
    if not wish.on:
        return None
    return RepairPolicy(
        dry_run=wish.dry_run,
        max_unready=wish.unready_percent / 100,
        actions_an_hour=wish.actions,
        node_grace_s=wish.grace_s,
        scale=ScalePolicy(idle_s=wish.idle_s) if wish.autoscale else None,
    )


def acts(wish: RepairWish) -> int:
    """How many actions an hour it orders: none where it is off or only tells."""
    return wish.actions if wish.on and not wish.dry_run else 0


def _wanted(wish: ClusterWish, read: Read | None, now: Now | None) -> tuple[ClusterSpec | None, list[PlanRemark]]:
    if read is not None:
        return read.spec, list(read.remarks)
    if now is None or wish.verb not in ("scale", "upgrade"):
        return None, []
    spec = now.spec
    if wish.verb == "upgrade":
        version = wish.version.removeprefix("v")
        found = [] if version else [_error("SLW948", "an upgrade needs a version", "version")]
        return replace(spec, version=version or spec.version), found
    known = {pool.name for pool in spec.pools}
    found = [
        _error("SLW948", f"{wish.name} has no pool {name[:63]}; there is {', '.join(sorted(known))}", f"pools.{name}")
        for name in wish.pools
        if name not in known
    ]
    found += [
        _error("SLW948", f"{count} nodes of {name[:63]}: 0 to 5,000 are possible", f"pools.{name}")
        for name, count in wish.pools.items()
        if not 0 <= count <= 5_000
    ]
    wanted = replace(spec, pools=tuple(replace(one, count=wish.pools.get(one.name, one.count)) for one in spec.pools))
    found += [_error("SLW310", words, ".".join(map(str, path))) for path, words in spec_complaints(wanted)]
    return wanted, found


def _refused(verb: ClusterVerb, now: Now | None, spec: ClusterSpec | None) -> Iterator[PlanRemark]:
    """Why its state does not allow it; as its workflow would say."""
    if now is None:
        return
    operation = OPERATIONS.get(verb, Operation.UPDATE)
    if verb != "guard" and (words := lifecycle.refusal(now.status, operation)):
        yield _error("SLW948", words)
    elif now.busy and verb not in ("delete", "guard"):
        yield _error("SLW948", now.busy)
    if verb in ("scale", "heal") and not now.spec.ours:
        yield _error("SLW948", "it is a registered cluster: what created it changes it")


def _other(wish: ClusterWish, now: Now | None) -> list[Change]:
    """What a deletion takes down, backwards; a registered cluster loses nothing."""
    if wish.verb != "delete" or now is None:
        return []
    return difference([], items(now.spec))


def order_of(wish: ClusterWish, spec: ClusterSpec | None) -> Order | None:
    """What the signer is told; None: nothing, or it cannot be told what the cluster is to be."""
    kind = KINDS.get(wish.verb)
    if kind is None or (kind is OrderKind.CLUSTER and spec is None):
        return None
    actions = acts(wish.repair) if kind is OrderKind.GUARD else 0
    if kind is not OrderKind.CLUSTER or spec is None:
        return Order(kind=kind, cluster=wish.name, actions=actions)
    body = form(spec)
    return Order(kind=kind, cluster=wish.name, what=digest_of(body), content=body)


def _to_sign(order: Order | None, person: str, home: str) -> OrderToSign | None:
    """Automatic repair that does nothing, and a repair by hand, is not signed."""
    if order is None or not needs_signature(order):
        return None
    return OrderToSign(
        kind=str(order.kind), cluster=order.cluster, person=person, what=order.what, actions=order.actions, home=home
    )


def _text(spec: ClusterSpec) -> str:
    """The very text whose SHA-256 is the order's digest, as `digest_of` makes it."""
    return json.dumps(form(spec), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(plan: ClusterPlan, wish: ClusterWish, before: ClusterSpec | None) -> str:
    """Of what decides what happens and of what was shown of it; not of how many pods there are at the moment."""
    repair: Manifest = dict(vars(wish.repair))
    shown: Manifest = {
        "verb": plan.verb,
        "name": plan.name,
        "exists": plan.exists,
        "before": digest_of(form(before)) if before else "",
        "definition": plan.definition,
        "changes": dict(plan.counts),
        "repair": repair if wish.verb == "guard" else {},
        "errors": [one.what for one in plan.remarks if one.severity == "error"],
        "lost": [[one.kind, one.number, *one.names] for one in plan.lost if one.kind != "workloads"],
    }
    return digest_of(shown)


def _line(one: Change) -> PlanLine:
    return PlanLine(
        verb=str(one.verb), phase=str(one.phase), kind=one.kind, name=one.name, before=one.before, after=one.after
    )


def _error(code: str, words: str, path: str = "") -> PlanRemark:
    return PlanRemark(code=code, severity="error", what=words, path=path)


def _warning(one: compatibility.Remark) -> PlanRemark:
    severity = "error" if one.prevents else "warning"
    return PlanRemark(code="SLW310", severity=severity, what=one.words, path=".".join(map(str, one.path)))
