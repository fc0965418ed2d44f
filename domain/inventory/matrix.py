"""Which namespaces of a cluster may reach which, as a table: from the labels of their pods and all policies.

A namespace has as many kinds of pods as the policies tell apart; a cell is about all pairs of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.core.documents import Node
from domain.inventory.model import ObjectRow
from domain.inventory.reach import Answer, End, Policy, isolated, reaches
from domain.inventory.selectors import Labels

MOST_NAMESPACES, MOST_ENDS, MOST_NAMED = 30, 40, 3
"""Of a table; kinds of pods of a namespace; policies that a cell names."""
OUTSIDE = "outside"
_PUBLIC = "1.1.1.1"
"""An address outside of any cluster, which stands for all of them."""
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What pods of one namespace may do with pods of another one."""

    answer: Answer
    ports: str = ""
    """`5432/TCP`, where it is some ports."""
    by: tuple[str, ...] = ()
    """Policies that decide it, as `NAMESPACE/NAME`; empty: none does."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Row: from; column: to. The last name is the world outside."""

    names: tuple[str, ...] = ()
    cells: tuple[tuple[Cell, ...], ...] = ()
    rest: int = 0
    """Namespaces that are not in the table."""


def ends_of(namespaces: Iterable[ObjectRow], pods: Iterable[tuple[str, Labels]]) -> dict[str, tuple[End, ...]]:
    """The pods of each namespace by their labels; one without labels where it has no workload.

    `pods`: namespace and labels of each kind of them.
    """
    labels: dict[str, dict[frozenset[tuple[str, str]], Labels]] = {}
    spaces = {row.name: {**Node(row.details)["labels"].strings(), NAME_LABEL: row.name} for row in namespaces}
    for namespace, of in pods:
        labels.setdefault(namespace, {})[frozenset(of.items())] = of
    return {
        name: tuple(
            End(namespace=name, labels=one, namespace_labels=own)
            for one in list(labels.get(name, {frozenset[tuple[str, str]](): {}}).values())
        )
        for name, own in spaces.items()
    }


def matrix(
    ends: Mapping[str, Sequence[End]], policies: Iterable[Policy], most: int = MOST_NAMESPACES, first: str = ""
) -> Matrix:
    """At most so many namespaces: `first`, then those with policies, then the others, each by name."""
    by = _by_namespace(policies)
    ranked = sorted(ends, key=lambda name: (name != first, not by.get(name), name))
    names = ranked[:most]
    if not names:
        return Matrix()
    known = {name: _kinds(ends[name], [one for space in names for one in by.get(space, ())]) for name in names}
    known[OUTSIDE] = [End(address=_PUBLIC)]
    order = (*names, OUTSIDE)
    cells = tuple(tuple(_cell(known[a], known[b], [*by.get(a, ()), *by.get(b, ())]) for b in order) for a in order)
    return Matrix(names=order, cells=cells, rest=len(ranked) - len(names))


def _by_namespace(policies: Iterable[Policy]) -> dict[str, list[Policy]]:
    found: dict[str, list[Policy]] = {}
    for one in policies:
        found.setdefault(one.namespace, []).append(one)
    return found


def _kinds(ends: Sequence[End], policies: Iterable[Policy]) -> list[End]:
    """Those that the policies can tell apart: only labels count that a selector of theirs names."""
    keys = {key for policy in policies for key in _keys(policy)}
    found: dict[frozenset[tuple[str, str]], End] = {}
    for end in ends:
        found.setdefault(frozenset((key, value) for key, value in end.labels.items() if key in keys), end)
    return list(found.values())[:MOST_ENDS]


def _keys(policy: Policy) -> Iterable[str]:
    peers = (peer for rules in (policy.ingress, policy.egress) for rule in rules or () for peer in rule.peers)
    for selector in (policy.pods, *(peer.pods for peer in peers if peer.pods is not None)):
        yield from (key for key, _ in selector.labels)
        yield from (one.key for one in selector.expressions)


def _cell(sources: Sequence[End], targets: Sequence[End], policies: Sequence[Policy]) -> Cell:
    found = [reaches(policies, source, target) for source in sources for target in targets]
    answers = {one.answer for one in found}
    by = dict.fromkeys(name for one in found for name in (*one.egress_by, *one.ingress_by))
    ports = {one.named_ports for one in found}
    return Cell(
        answer=answers.pop() if len(answers) == 1 else Answer.SOME,
        ports=ports.pop() if len(ports) == 1 else "",
        by=tuple(by)[:MOST_NAMED],
    )


def closed(ends: Sequence[End], policies: Iterable[Policy]) -> Answer:
    """Whether policies close the way in to all of a namespace's pods, to some, or to none."""
    every = tuple(policies)
    found = {isolated(every, end) for end in ends}
    if found == {True}:
        return Answer.ALL
    return Answer.SOME if True in found else Answer.NONE
