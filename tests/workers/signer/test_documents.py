"""A server registers a document only as an administrator has signed it."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.registrar import Registrar
from domain.authority.documents import of_document
from domain.authority.registrations import ADMINISTRATOR, Registration
from domain.core.errors import RefusedError
from tests.support.guards import OpenGuard
from tests.workers.signer.homes import Home
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.registrations import EngineRegistrations
from workers.client.ports.policies import SignedStep
from workers.core.plain_environment import plain
from workers.remote.signing import signed_statement
from workers.worker.local_wiring import open_objects

HEAD = "apiVersion: sluiceway/v1\nkind: {}\nname: {}\n"
ENVIRONMENT = HEAD.format("Environment", "staging") + "approval: {quorum: 2}\n"
POLICY = HEAD.format("Policy", "main-only") + "allow: {branches: [main]}\n"


def at_server(home: Home, guard: OpenGuard | None = None) -> EngineRegistrations:
    parts = EngineParts(
        home.settings,
        home.records.database,
        lambda: open_objects(home.settings),
        opened=home.records,
        tell=home.server.register,
    )
    return EngineRegistrations(parts, guard or OpenGuard())


async def signed(port: EngineRegistrations, text: str, key: Ed25519PrivateKey, home: str) -> SignedStep:
    made = await port.prepare(text)
    return signed_statement(key, of_document(made.kind, made.name, made.document), home)


async def test_what_an_administrator_signs_is_what_the_signer_remembers(home: Home) -> None:
    port, key = at_server(home), home.person("ada", ADMINISTRATOR)
    await port.apply(ENVIRONMENT, await signed(port, ENVIRONMENT, key, home.hand.home()))
    await port.apply(POLICY, await signed(port, POLICY, key, home.hand.home()))
    home.again()
    assert home.hand.rule("staging").quorum == 2
    assert home.hand.policies()["main-only"] == json.loads((await port.push_policy("main-only")).document)

    await port.end_policy("main-only", signed_statement(key, of_document("Policy", "main-only", ""), home.hand.home()))
    home.again()
    assert "main-only" not in home.hand.policies()


@pytest.mark.parametrize("text", [ENVIRONMENT, POLICY])
async def test_nothing_is_registered_that_nobody_may_say_or_nobody_has_signed(home: Home, text: str) -> None:
    port, key, other = at_server(home), home.person("ada", ADMINISTRATOR), home.person("bob")
    once = await signed(port, text, key, home.hand.home())
    looser = text.replace("quorum: 2", "quorum: 1").replace("[main]", "[main, x]")
    for said, proof in [(text, None), (text, await signed(port, text, other, home.hand.home())), (looser, once)]:
        with pytest.raises(RefusedError) as refused:
            await port.apply(said, proof)
        assert refused.value.code == "SLW435"
        assert (await port.prepare(text)).state == "new"

    await port.apply(text, once)
    with pytest.raises(RefusedError, match="SLW435"):
        await port.apply(text, once)


async def test_intent_and_outcome_name_the_digest_of_what_was_registered(home: Home) -> None:
    guard = OpenGuard()
    port, key = at_server(home, guard), home.person("ada", ADMINISTRATOR)
    made = await port.apply(POLICY, await signed(port, POLICY, key, home.hand.home()))
    (told,) = guard.used
    assert (told.action, told.resource, told.ended) == ("access:policy", "policy:main-only", "done")
    assert told.details == {"digest": made.digest, "state": "registered"}


async def test_an_environment_of_another_ones_namespace_is_not_registered_whoever_signs_it(home: Home) -> None:
    port, key = at_server(home), home.person("ada", ADMINISTRATOR)
    text = ENVIRONMENT + "target: {kubernetes: {cluster: edge, namespace: team}}\n"
    await port.apply(text, await signed(port, text, key, home.hand.home()))
    await port.apply(text, await signed(port, text, key, home.hand.home()))  # its own again

    second = text.replace("staging", "production")
    with pytest.raises(RefusedError, match="namespace team of cluster edge is environment staging's") as refused:
        await port.apply(second, await signed(port, second, key, home.hand.home()))
    assert refused.value.code == "SLW435"


def test_an_environment_of_another_ones_namespace_is_not_registered_while_no_signer_answers(home: Home) -> None:
    told: list[Registration] = []
    registrar = Registrar(home.records.identities, home.records.definitions, told.append)
    place = {"target": {"kubernetes": {"cluster": "edge", "namespace": "team"}}}
    registrar.environment("staging", {**plain("staging"), **place})
    with pytest.raises(RefusedError, match="SLW435"):
        registrar.environment("production", {**plain("production"), **place})
    assert [one.name for one in told] == ["staging"]
