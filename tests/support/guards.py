"""Guards for tests: they permit everything but what a test names, and remember what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.principal import OWNER, Caller
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Layer, Verdict
from domain.core.errors import RefusedError
from domain.core.values import Json


@dataclass
class Told:
    """The outcome of one use."""

    action: Action
    resource: str
    details: dict[str, Json] = field(default_factory=dict)
    ended: str = ""
    """`done` or `failed`; empty while it is under way."""

    def tell(self, **details: Json) -> None:
        """Facts for the entry."""
        self.details |= details


@dataclass
class ListedRows:
    """Everything, or what the names say."""

    names: tuple[str, ...] | None = None
    """Pipelines or environments that can be read; None: all."""

    @property
    def everything(self) -> bool:
        """No condition is needed."""
        return self.names is None

    exact = True

    def where(self, columns: Mapping[str, str]) -> tuple[str, Mapping[str, str | int | float]]:
        """By pipeline, by environment, or by name."""
        column = columns.get("pipeline") or columns.get("environment") or columns["name"]
        values = {f"readable_{index}": name for index, name in enumerate(self.names or ())}
        listed = ", ".join(f":{key}" for key in values)
        return (f"{column} in ({listed})" if values else "0 = 1"), values

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        """As `where`."""
        of = [{one.pipeline, one.environment, one.name} for one in resources]
        return tuple(self.names is None or bool(one & set(self.names)) for one in of)


@dataclass
class OpenGuard:
    """Permits everything but `refused`."""

    caller: Caller = field(default_factory=lambda: Caller(principal=OWNER))
    refused: frozenset[Action] = frozenset()
    readable_names: tuple[str, ...] | None = None
    """None: everything is in lists."""
    asked: list[tuple[Action, str]] = field(default_factory=list)
    used: list[Told] = field(default_factory=list)

    def verdict(self, action: Action, resource: Resource) -> Verdict:
        """Allowed, unless it is in `refused`."""
        allowed = action not in self.refused
        return Verdict(
            allowed=allowed,
            action=action,
            principal=self.caller.principal.id,
            resource=resource.id,
            layer=Layer.OWNER if allowed else Layer.DEFAULT,
            rule="test/open" if allowed else "default/deny",
            reason="" if allowed else "nothing permits it",
            missing="" if allowed else "a role that permits it",
        )

    def verdicts(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """One by one."""
        return tuple(self.verdict(action, resource) for action, resource in pairs)

    def need(self, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """Raises:
        RefusedError: SLW410, it is in `refused`.
        """
        self.asked.append((action, resource.id))
        verdict = self.verdict(action, resource)
        if not verdict.allowed:
            raise RefusedError("SLW410", f"you may not {action} {resource.id}", why=verdict.rule)
        return verdict

    @asynccontextmanager
    async def use(
        self,
        action: Action,
        resource: Resource,
        details: Mapping[str, Json] | None = None,
        change: Change = NOTHING,
    ) -> AsyncIterator[Told]:
        """Raises like `need`; remembers how it ended."""
        self.need(action, resource)
        told = Told(action, resource.id, dict(details or {}), "failed")
        self.used.append(told)
        yield told
        told.ended = "done"

    def readable(self, action: Action, kind: ResourceKind) -> ListedRows:
        """Nothing, if the action is refused."""
        return ListedRows(() if action in self.refused else self.readable_names)

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> list[ListedRows]:
        """As if all were the same caller."""
        return [self.readable(action, kind) for _ in callers]
