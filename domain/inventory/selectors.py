"""Label selectors, as Kubernetes evaluates them.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.core.documents import Node
from domain.core.values import Json

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Expression:
    """One of `matchExpressions`."""

    key: str
    operator: str
    """`In`, `NotIn`, `Exists` or `DoesNotExist`; any other one matches nothing."""
    values: frozenset[str] = frozenset()

    def matches(self, labels: Labels) -> bool:
        """A missing label is `NotIn` whatever there is."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
        return False


@dataclass(frozen=True)
class Selector:
    """All of it must match; an empty one matches everything."""

    labels: tuple[tuple[str, str], ...] = ()
    expressions: tuple[Expression, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether an object with these labels is selected."""
        return all(labels.get(key) == value for key, value in self.labels) and all(
            one.matches(labels) for one in self.expressions
        )

    def __str__(self) -> str:
        """`app=web, tier in (a, b)`; empty: everything."""
        words = [f"{key}={value}" for key, value in self.labels]
        return ", ".join([*words, *map(_said, self.expressions)])


def _said(one: Expression) -> str:
    match one.operator:
        case "In" | "NotIn":
            word = "in" if one.operator == "In" else "not in"
            return f"{one.key} {word} ({', '.join(sorted(one.values))})"
        case "Exists":
            return one.key
    return f"!{one.key}"


def selector_of(said: Json) -> Selector:
    """From `domain.inventory.details.Selector`; nothing there is no condition."""
    node = Node(said)
    expressions = (
        Expression(one["key"].text(), one["operator"].text(), frozenset(one["values"].texts()))
        for one in node["expressions"]
    )
    return Selector(tuple(sorted(node["labels"].strings().items())), tuple(expressions))
