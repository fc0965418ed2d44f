"""An inbox beside its query in bare SQL: thousands of requests are open, and one in twenty is the reader's."""

from __future__ import annotations

import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from activities.access.identity_store import Identity
from domain.access.keys import KeyKind, PersonKey
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.approvals.opening import Opening
from domain.approvals.request import ChangeAuthors, EnvironmentRule
from domain.approvals.spec import ApprovalSpec
from domain.authority.registrations import RegisteredPerson
from tests.bench.rows import row
from tests.support.guards import OpenGuard
from workers.client.on_engine.approvals.approvals import EngineApprovals
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.pages import PageOf
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

NAMES = ["list_inbox"]
OPEN, PEOPLE, TIMES, GOAL_MS = 2_000, 200, 20, 1_000
QUERY = "select * from approvals where closed_at is null and expires_at > 0 order by opened_at, id limit 1000"
WHO = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="lead"))


class Signer:
    """Knows one lead, and an environment that keeps four eyes."""

    def person(self, name: str) -> RegisteredPerson:
        return RegisteredPerson(name, ("leads",), (), (PersonKey(kind=KeyKind.SSH, public="ssh-ed25519 x"),))

    def rule(self, environment: str) -> EnvironmentRule:
        return EnvironmentRule(name=environment, allow_author=False, allow_committer=False, allow_starter=False)


async def measured(folder: Path) -> None:
    """Opens the requests, and asks as the lead."""
    folder.mkdir(parents=True, exist_ok=True)
    settings, records = Settings(folder, folder / "tools"), Records.at(folder / "records.db")
    _fill(records)
    parts = EngineParts(settings, records.database, lambda: open_objects(settings), opened=records)
    inbox, ours, theirs = EngineApprovals(parts, OpenGuard(WHO), Signer()), list[float](), list[float]()
    with closing(sqlite3.connect(folder / "records.db")) as bare:
        for _ in range(TIMES):
            began = time.perf_counter()
            bare.execute(QUERY).fetchall()
            theirs.append(time.perf_counter() - began)
            began = time.perf_counter()
            assert len((await inbox.inbox(PageOf())).items) == 50
            ours.append(time.perf_counter() - began)
    records.close()
    worst, beside = (statistics.quantiles(one, n=20)[-1] * 1000 for one in (ours, theirs))
    row("list_inbox", worst, "ms p95", beside, f"under {GOAL_MS} ms", worst < GOAL_MS)


def _fill(records: Records) -> None:
    now = time.time()
    people = ChangeAuthors(asked=True, authors=("dev@example.org",), committers=("dev@example.org",), starter="dev")
    for number in range(OPEN):
        groups = ("leads",) if number % 20 == 0 else ("others",)
        asked = Opening(
            run=f"run/p{number}/1",
            job="ok",
            pipeline=f"p{number}",
            environment=f"env-{number % 50}",
            spec=ApprovalSpec(groups=groups),
            at=now - OPEN + number,
        )
        records.approvals.open(f"approval/p{number}/1/ok", asked, now + 3_600)
        records.approvals.made_by(f"approval/p{number}/1/ok", people)
    for number in range(PEOPLE):
        records.identities.save(Identity(f"person-{number}", "key"))
    records.definitions.save("IdentityEmail", "dev@example.org", '{"identity": "person-1"}')
