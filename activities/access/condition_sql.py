"""Conditions on resources as SQL, for SQLite and PostgreSQL: `domain.access.condition.meets` in a WHERE clause.

Every value is a parameter; what is put together is names of tables and of columns, and kinds of resources.
"""

# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.access.condition import (
    All,
    Any,
    Below,
    Compare,
    Condition,
    Constant,
    Granted,
    IsKind,
    Not,
    OneOf,
    WithinCompartments,
)
from domain.access.resource import ANCHORS, DEFAULT_PROJECT, ENGINE_ID, OF_ENGINE, PARENTS, ResourceKind

Parameter = str | int | float
Parameters = dict[str, Parameter]
_LABELS = "(select subject as access_of, level as access_level, integrity as access_integrity from labels) as access_l"
_COMPARTMENTS = "(select subject as access_of, compartment as access_compartment from label_compartments) as access_c"
_MEMBERS = "(select subject as access_of, project as access_project from project_members) as access_m"
"""Tables under names that no list has: a list's own `subject` or `level` must not mean one of these."""


@dataclass
class RowSql:
    """Of the rows of one list: how SQL finds what a resource says."""

    kind: ResourceKind
    columns: Mapping[str, str] = field(default_factory=dict)
    """An attribute of `Resource` to its column or expression."""
    holders: tuple[str, ...] = ()
    """Ids whose grants count, and that hold any."""
    now: float = 0
    has_projects: bool = True
    """Whether anything is in another project than the default one."""
    has_labels: bool = True
    """Whether any resource has a label."""
    parameters: Parameters = field(default_factory=dict)

    def condition(self, condition: Condition) -> str:
        """Its SQL, in parentheses where it needs them."""
        match condition:
            case Constant(value):
                return "1 = 1" if value else "1 = 0"
            case Not(inner):
                return f"not ({self.condition(inner)})"
            case All(parts):
                return "(" + " and ".join(map(self.condition, parts)) + ")"
            case Any(parts):
                return self._any(parts)
            case Granted(role):
                return self._granted((role,))
            case WithinCompartments(compartments):
                return self._within(compartments)
            case Below(id_):
                return f"{self.value(id_)} in ({', '.join(self._above())})"
            case IsKind(kind):
                return "1 = 1" if kind == self.kind else "1 = 0"
            case OneOf(attribute, values):
                return f"{self._attribute(attribute)} in ({self.values(values)})" if values else "1 = 0"
            case Compare(attribute, operator, value):
                sign = {"==": "=", "<": "<", "<=": "<="}[operator]
                return f"{self._attribute(attribute)} {sign} {self.value(value)}"

    def value(self, value: Parameter) -> str:
        """A parameter's placeholder."""
        name = f"access_{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def values(self, values: Iterable[Parameter]) -> str:
        """Placeholders of several."""
        return ", ".join(map(self.value, values))

    def _any(self, parts: tuple[Condition, ...]) -> str:
        roles = tuple(one.role for one in parts if isinstance(one, Granted))
        others = [self.condition(one) for one in parts if not isinstance(one, Granted)]
        return "(" + " or ".join([*others, *([self._granted(roles)] if roles else [])]) + ")"

    def _granted(self, roles: tuple[str, ...]) -> str:
        if not self.holders:
            return "1 = 0"
        live = (  # of no row: a database asks it once, and then looks each row up in what it found
            f"g.revoked_at = 0 and (g.until = 0 or g.until > {self.value(self.now)})"
            f" and g.role in ({self.values(roles)}) and g.principal in ({self.values(self.holders)})"
        )
        every = [  # the widest first: who has a role on the project is not looked up among ten thousand others
            f"{one} in (select g.resource from grants as g where {live} and {_of_kind(one)})"
            for one in reversed(self._above())
        ]
        return "(" + " or ".join(every) + ")"

    def _within(self, compartments: tuple[str, ...]) -> str:
        if not self.has_labels:
            return "1 = 1"
        others = f" and access_compartment not in ({self.values(compartments)})" if compartments else ""
        return f"not exists (select 1 from {_COMPARTMENTS} where access_of in ({', '.join(self._above())}){others})"

    def _attribute(self, attribute: str) -> str:
        if attribute == "project":
            return self._project()
        if attribute in ("level", "integrity"):
            return self._label(attribute)
        return self._column(attribute)

    def _column(self, name: str) -> str:
        return f"coalesce({self.columns[name]}, '')" if name in self.columns else "''"

    def _label(self, name: str) -> str:
        """The most secret and the least trusted of all that the resource belongs to, as `labels.together` says."""
        pick, plain = ("max", "0") if name == "level" else ("min", "1")
        own = f"coalesce({self.columns[name]}, {plain})" if name in self.columns else plain
        if not self.has_labels:
            return own
        found = f"(select {pick}(access_{name}) from {_LABELS} where access_of in ({', '.join(self._above())}))"
        labelled = f"coalesce({found}, {plain})"
        if name not in self.columns:
            return labelled
        beyond = ">" if name == "level" else "<"
        return f"(case when {labelled} {beyond} {own} then {labelled} else {own} end)"

    def _above(self) -> list[str]:
        """As `Resource.above`: a text such as `pipeline:`, of what is in none, is nobody's id."""
        own = [f"'{self.kind}:' || {self._column('name')}"]
        parents = [f"'{name}:' || {self._column(name)}" for name in PARENTS.get(self.kind, ())]
        projects = [] if self.kind in OF_ENGINE else [f"'project:' || {self._project()}"]
        return [*own, *parents, *projects, f"'{ENGINE_ID}'"]

    def _project(self) -> str:
        if self.kind in OF_ENGINE:
            return "''"
        if not self.has_projects:
            return f"'{DEFAULT_PROJECT}'"
        name = ANCHORS.get(self.kind, "")
        anchor = f"'{name}:' || {self._column(name)}" if name else f"'{self.kind}:' || {self._column('name')}"
        found = f"(select access_project from {_MEMBERS} where access_of = {anchor})"
        return f"coalesce({found}, '{DEFAULT_PROJECT}')"


def _of_kind(id_: str) -> str:
    """Grants on resources of the kind that an expression of an id begins with."""
    kind = id_[1:].partition(":")[0]
    return f"g.resource >= '{kind}:' and g.resource < '{kind};'"  # `;` follows `:`; an index has ranges, not patterns
