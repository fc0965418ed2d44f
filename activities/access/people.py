"""Reads who made a change, from its commits: all that a deployment brings, not only the last one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from temporalio import activity

from activities.access import port
from activities.access.addresses import Addresses
from activities.access.approval_store import ApprovalStore
from activities.access.environments import Environments
from activities.core.errors import as_failure
from activities.source import change_people
from activities.source.change_people import CommitPeople
from activities.source.git import has
from activities.source.mirrors import SNAPSHOT, Mirrors
from domain.approvals.request import ChangeAuthors, ChangeRef
from domain.core.errors import SluicewayError


@dataclass(frozen=True)
class ChangeReader:
    """Reads from mirrors. `live`: environment and repository to the commits of what is live there."""

    mirrors: Mirrors
    environments: Environments
    live: Callable[[str, str], Sequence[str]] = lambda environment, repo: ()

    def read(self, people: ChangeAuthors, environment: str) -> ChangeAuthors:
        """The people with all that the commits say; `unknown` says why they do not.

        Raises:
            SluicewayError: the repository cannot be reached for now.
        """
        if people.change is None:
            return people
        try:
            found = self._read(people, people.change, environment)
        except SluicewayError as broken:
            if broken.transient and broken.code in ("SLW812", "SLW816"):
                raise
            why = broken.what if broken.code == "SLW065" else f"{broken.code}: {broken.what}"
            return replace(people, asked=True, unknown=f"SLW065: {why}")
        return replace(people, asked=True, authors=found.authors, committers=found.committers)

    def _read(self, people: ChangeAuthors, change: ChangeRef, environment: str) -> CommitPeople:
        if not change.source.startswith(SNAPSHOT):
            return self._range(change.source, change.commit, change, environment)
        if not change.head:
            return CommitPeople((_here(people),))
        folder = change.source.removeprefix(SNAPSHOT)
        self.mirrors.fetch_head(folder)
        mirror = self.mirrors.fetch(folder, change.head)
        found = self._range(folder, change.head, change, environment)
        files = change_people.tree_of(self.mirrors.path(change.source), change.commit)
        if files == change_people.tree_of(mirror, change.head):
            return found
        return replace(found, authors=(*found.authors, _here(people)))  # uncommitted changes are the starter's

    def _range(self, repo: str, head: str, change: ChangeRef, environment: str) -> CommitPeople:
        mirror = self.mirrors.fetch(repo, head)
        live = self.live(environment, change.repo) if environment else ()
        after = [*dict.fromkeys(commit if commit and has(mirror, commit) else "" for commit in live)]
        if change.base and has(mirror, change.base):
            after = [*after, change.base] if after or not environment else ["", change.base]
        return change_people.read(mirror, head, after, self.environments.reviewed(environment))


def _here(people: ChangeAuthors) -> str:
    return people.starter.casefold() if people.starter_from else change_people.NOBODY


@dataclass(frozen=True)
class PeopleActivities(port.PeopleActivities):
    """For approvals."""

    reader: ChangeReader
    addresses: Addresses
    approvals: ApprovalStore | None = None
    """What inboxes list."""

    @activity.defn(name="people-of-change")
    async def people_of_change(self, people: ChangeAuthors, environment: str) -> ChangeAuthors:
        """Retried while the repository is away; ApplicationError: it is away for good."""
        try:
            found = await asyncio.to_thread(self.reader.read, people, environment)
            if self.approvals is not None:
                await asyncio.to_thread(self.approvals.made_by, activity.info().workflow_id or "", found)
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        return found

    @activity.defn(name="unowned-addresses")
    async def unowned(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return self.addresses.unowned(addresses)
