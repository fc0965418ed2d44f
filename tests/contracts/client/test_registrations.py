"""What every client keeps about documents that are registered: in memory, on records, and through a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.core.errors import DefinitionError, RefusedError
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.registrations import EngineRegistrations
from workers.client.ports.pages import PageOf
from workers.client.ports.registrations import AskedPush, Registrations
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

HEAD = "apiVersion: sluiceway/v1\nkind: {}\nname: {}\n"
ENVIRONMENT = HEAD.format("Environment", "staging")
POLICY = HEAD.format("Policy", "main-only") + "for: {repositories: [git.example/**]}\nallow: {branches: [main]}\n"


@pytest.fixture(params=["memory", "records", "far from memory", "far from records"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registrations]:
    records = Records.at(tmp_path / "records.db")
    near = memory_client()
    if "records" in request.param:
        settings = Settings(tmp_path, tmp_path)
        parts = EngineParts(settings, records.database, lambda: open_objects(settings), opened=records)
        near = replace(near, registrations=EngineRegistrations(parts, OpenGuard()))
    yield (far_client(near) if "far" in request.param else near).registrations
    records.close()


async def test_a_document_is_what_it_was_prepared_as(port: Registrations) -> None:
    for text, kind, name in [(ENVIRONMENT, "Environment", "staging"), (POLICY, "Policy", "main-only")]:
        made = await port.prepare(text)
        assert (made.kind, made.name, made.state) == (kind, name, "new")
        assert (await port.apply(text)).state == "registered"
        again = await port.prepare(text)
        assert (again.document, again.state) == (made.document, "unchanged")
        assert (await port.apply(text)).state == "unchanged"


async def test_a_changed_document_says_so_and_has_another_digest(port: Registrations) -> None:
    first = await port.apply(POLICY)
    other = POLICY.replace("[main]", "[main, next]")
    assert (await port.prepare(other)).state == "changed"
    second = await port.apply(other)
    assert (second.state, second.digest != first.digest) == ("changed", True)
    assert json.loads((await port.push_policy("main-only")).document)["allow"]["branches"] == ["main", "next"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD.format("Pipeline", "web") + "jobs: {a: {run: make}}\n", "SLW477"),
        (HEAD.format("Policy", "p") + "unknown: 1\n", "SLW201"),
        ("", "SLW108"),
        ("- [", "SLW101"),
    ],
)
async def test_what_is_no_document_of_a_server_is_refused_and_not_kept(
    port: Registrations, text: str, code: str
) -> None:
    for call in (port.prepare, port.apply):
        with pytest.raises(DefinitionError) as refused:
            await call(text)
        assert refused.value.code == code
    assert not (await port.push_policies(PageOf())).items


async def test_policies_are_listed_in_pages_by_name_until_they_are_ended(port: Registrations) -> None:
    for name in ("c", "a", "b"):
        await port.apply(POLICY.replace("main-only", name))
    first = await port.push_policies(PageOf(limit=2))
    rest = await port.push_policies(PageOf(first.next, 2))
    assert [one.name for one in (*first.items, *rest.items)] == ["a", "b", "c"]
    assert first.items[0].repositories == ("git.example/**",)
    assert (await port.end_policy("b")).state == "removed"
    for call in (port.push_policy, port.end_policy):
        with pytest.raises(RefusedError) as refused:
            await call("b")
        assert refused.value.code == "SLW056"


async def test_a_push_is_explained_by_the_policies_that_hold_for_it(port: Registrations) -> None:
    await port.apply(POLICY)
    asked = AskedPush(repository="git.example/shop/web", pipeline="web", branch="topic")
    found = await port.explain_push(replace(asked, repository="ssh://git@git.example:22/shop/web.git"))
    assert (found.push, found.policies) == (asked, (found.policies[0],))
    assert found.policies[0].startswith("main-only@")
    assert "SLW050" in found.refused[0]
    assert not (await port.explain_push(replace(asked, branch="main"))).refused
