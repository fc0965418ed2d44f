"""People and definitions, read once: for one look at many rows."""

from __future__ import annotations

from functools import cached_property

from activities.access.definition_store import DefinitionReader
from activities.access.identity_store import Identity, IdentityReader
from domain.core.documents import Object


class PeopleReadOnce(IdentityReader):
    """As they were at the first question."""

    def __init__(self, of: IdentityReader) -> None:
        self._of = of

    @cached_property
    def _all(self) -> dict[str, Identity]:
        return {one.name: one for one in self._of.all()}

    def get(self, name: str) -> Identity | None:
        """None: not registered."""
        return self._all.get(name)

    def all(self) -> list[Identity]:
        """Sorted by name."""
        return list(self._all.values())


class DefinitionsReadOnce(DefinitionReader):
    """As they were at the first question about their kind."""

    def __init__(self, of: DefinitionReader) -> None:
        self._of = of
        self._kinds: dict[str, dict[str, Object]] = {}

    def get(self, kind: str, name: str) -> Object | None:
        """The document; None: not registered."""
        return self.every(kind).get(name)

    def every(self, kind: str) -> dict[str, Object]:
        """All of this kind, by name."""
        if kind not in self._kinds:
            self._kinds[kind] = self._of.every(kind)
        return self._kinds[kind]

    def names(self, kind: str) -> list[str]:
        """Sorted."""
        return sorted(self.every(kind))
