"""What every way to the signer promises: in this process, and by the socket of a home."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from activities.authority import sockets
from activities.authority.client import AuthorityClient, Socket
from activities.authority.log import FileLog
from activities.authority.wire import Answer
from domain.authority.permit import SignedPermit
from domain.core.errors import RefusedError, SluicewayError
from tests.support.signers import JOBS, Signing, execution, release
from workers.signer.server import SignerServer


@pytest.fixture(params=["memory", "socket"])
def signing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Signing]:
    if request.param == "memory":
        yield Signing()
        return
    made = Signing(FileLog(tmp_path / "log.jsonl"))
    path = tmp_path / ("long" * 40) / "socket"
    path.parent.mkdir()
    server = SignerServer(path, made.authority.answer)
    server.start()
    made.client = AuthorityClient(Socket(path).ask, made.blobs.__getitem__, lambda: made.now)
    yield made
    server.stop()


def test_a_permit_is_signed_for_exactly_what_was_asked(signing):
    signing.begun()
    claim = execution(JOBS[0])
    signed = signing.client.permit(claim)

    signing.client.check(signed, claim)
    for other in (replace(signed.permit, subject="x"), replace(signed.permit, approvers=("nobody",))):
        with pytest.raises(RefusedError) as refused:
            signing.client.check(SignedPermit(other, signed.signature), claim)
        assert refused.value.code == "SLW016"
    with pytest.raises(RefusedError) as refused:
        signing.client.check(signed, release())
    assert refused.value.code == "SLW016"


def test_a_refusal_has_its_code_and_reason(signing):
    signing.begun()
    signing.decided()

    with pytest.raises(RefusedError, match="gate") as refused:
        signing.client.permit(release())
    assert (refused.value.code, "no signed verdict" in refused.value.why) == ("SLW014", True)


def test_telling_the_same_twice_changes_nothing(signing):
    for _ in range(2):
        signing.begun()
        signing.decided()
    entries = [entry.kind for entry in signing.log.entries()]

    assert sorted(entries) == ["begin", "decision", "plan", "upgrade"]


def test_many_ask_at_once_and_each_gets_its_own(signing):
    signing.begun()
    wrong: list[str] = []

    def ask(number: int) -> None:
        job = replace(JOBS[0], env={"V": f"x-{number}-y"})
        permit = signing.client.permit(execution(job)).permit
        if permit.digest != execution(job).digest:
            wrong.append(permit.digest)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert [entry.number for entry in signing.log.entries()] == list(range(1, 24))


def test_another_user_is_refused_whatever_the_sockets_mode(tmp_path):
    made = Signing()
    server = SignerServer(tmp_path / "socket", made.authority.answer, uid=os.geteuid() + 1)
    server.start()
    try:
        with pytest.raises(SluicewayError) as refused:
            AuthorityClient(Socket(tmp_path / "socket", 0).ask, made.blobs.__getitem__).public_key()
        assert refused.value.code == "SLW019"
        assert (tmp_path / "socket").stat().st_mode & 0o777 == 0o600
    finally:
        server.stop()


def test_a_signer_that_does_not_answer_is_an_error_that_passes(tmp_path):
    with pytest.raises(SluicewayError) as away:
        AuthorityClient(Socket(tmp_path / "socket", 0).ask, lambda digest: b"").public_key()
    assert (away.value.code, away.value.transient) == ("SLW010", True)


def test_who_answers_in_its_place_signs_nothing_that_counts(tmp_path):
    """A program that took the socket over has other keys than the ones that are known."""
    true, false = Signing(), Signing()
    claim = execution(JOBS[0])
    false.begun()
    false.client.permit(claim)
    lying = AuthorityClient(
        lambda line: false.authority.answer(line) if b'"permit"' in line else true.authority.answer(line),
        true.blobs.__getitem__,
    )

    with pytest.raises(RefusedError) as refused:
        lying.permit(claim)
    assert refused.value.code == "SLW016"


def test_bytes_that_are_no_question_are_answered(tmp_path):
    made = Signing()
    server = SignerServer(tmp_path / "socket", made.authority.answer)
    server.start()
    with socket.socket(socket.AF_UNIX) as one, sockets.address(tmp_path / "socket") as address:
        one.connect(address)
        for line in (b"\n", b"[]\n", b'{"operation": "rm"}\n', b'{"operation": "permit"}\n', b"\xff\n"):
            one.sendall(line)
            answer = Answer.read(one.makefile("rb").readline())
            assert answer.refused is not None
            assert answer.refused.code == "SLW019"
    server.stop()
