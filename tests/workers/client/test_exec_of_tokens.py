"""A machine token sees and ends the exec sessions that it asked for itself, and none of its owner's by being theirs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.access.decider import Decider
from activities.access.identity_store import Identity
from activities.access.rights import Rights
from activities.pods.exec_store import ExecSession
from domain.access.principal import Caller, Principal, PrincipalKind, Scope
from domain.core.errors import SluicewayError
from domain.pods.exec_session import ExecTarget
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.pages import PageOf
from workers.client.wiring import Clients
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

ANN = Principal(kind=PrincipalKind.PERSON, name="ann")
READS = Scope(actions=frozenset({"runs:read"}), resources=frozenset({"engine:engine"}))
TARGET = ExecTarget(cluster="edge", namespace="default", pod="web", container="main")


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    records = Records.at(tmp_path / "records.db")
    records.identities.save(Identity("ann", ""))
    settings, now = Settings(tmp_path, tmp_path / "tools"), time.time()
    for who in (ANN.id, "token:t1"):
        asked = ExecSession(id=f"of {who}", person=ANN.id, principal=who, target=TARGET, asked_at=now)
        records.exec_sessions.ask(asked, who)
        records.exec_sessions.redeem(who, now)
    parts = EngineParts(settings, records.database, lambda: open_objects(settings), opened=records)
    yield Clients(parts, Decider(Rights(records.database)))
    records.close()


def token(name: str) -> Caller:
    who = Principal(kind=PrincipalKind.TOKEN, name=name)
    return Caller(principal=who, channel="api", on_behalf_of=ANN.id, rights_of=ANN, session=name, scope=READS)


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        (Caller(principal=ANN, channel="api", session="s"), {f"of {ANN.id}", "of token:t1"}),
        (token("t1"), {"of token:t1"}),
        (token("t2"), set()),
    ],
)
async def test_what_a_token_was_not_made_for_is_not_there(clients: Clients, caller: Caller, seen: set[str]) -> None:
    terminals = (await clients.client(caller)).terminals
    assert {one.id for one in (await terminals.list(PageOf())).items} == seen
    for id_ in {f"of {ANN.id}", "of token:t1"} - seen:
        for ask in (terminals.show(id_), terminals.recording(id_), terminals.end(id_, "")):
            with pytest.raises(SluicewayError, match="SLW464"):
                await ask
