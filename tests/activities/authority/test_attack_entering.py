"""Who gets into a container is asked of the signer: a server names a person, and nobody else; the log has it first."""

from __future__ import annotations

import pytest

from activities.authority.port import Entering
from activities.authority.wire import Operation, Question
from domain.core.errors import RefusedError
from tests.support.signers import Signing

ANN = Entering(person="person:ann", cluster="edge", place="edge/default/web/main", session="s1", command="ab" * 32)


@pytest.fixture
def signing() -> Signing:
    return Signing()


def test_a_person_with_the_right_gets_in_and_it_stands_in_the_log(signing: Signing) -> None:
    number = signing.client.enter(ANN)
    last = list(signing.log.entries())[-1]
    assert (last.number, last.kind) == (number, "entry")
    assert {name: last.body[name] for name in vars(ANN)} == vars(ANN)


def test_a_right_that_is_gone_is_told_with_its_rule_and_stands_in_the_log(signing: Signing) -> None:
    signing.registry.forbidden[("person:ann", "clusters:exec")] = "default/deny"
    with pytest.raises(RefusedError) as refused:
        signing.client.enter(ANN)
    assert (refused.value.code, refused.value.where) == ("SLW484", "default/deny")
    last = list(signing.log.entries())[-1]
    assert (last.kind, last.body["operation"], last.body["code"]) == ("refusal", "enter", "SLW484")


@pytest.mark.parametrize("person", ["owner:owner", "token:t1", "repository:/r", "person:", "", "anonymous:anonymous"])
def test_a_server_enters_for_a_person_and_for_nobody_else(signing: Signing, person: str) -> None:
    question = Question(Operation.ENTER, {**vars(ANN), "person": person}).line()
    assert b"SLW019" in signing.authority.answer_server(question)
    by_hand = signing.authority.answer(question)
    assert (b"SLW019" in by_hand) == (person != "owner:owner")
