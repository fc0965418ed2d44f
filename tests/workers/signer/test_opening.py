"""The signer of a home: its keys stay what they are, its log is whole, and what was under way goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from activities.authority.client import AuthorityClient
from activities.authority.log import FileLog
from activities.authority.public_keys import PublishedKey
from activities.core import serialization as serial
from activities.runs.run_store import RunStart
from activities.source.mirrors import Mirrors
from activities.supply_chain.signing import FileSigner
from domain.approvals.request import ChangeAuthors, ChangeRef
from domain.authority.registrations import Register
from domain.core.errors import SluicewayError
from domain.triggers.events import Event, EventKind
from tests.support.environments import ADDRESS
from tests.support.lab import Repo
from tests.support.signers import COMMIT, JOBS, SOURCE, Signing, execution, release
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import Registered, open_authority


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home", tmp_path)


def opened(settings: Settings) -> None:
    records = Records.at(settings.records)
    open_authority(settings, records)
    records.close()


def error(settings: Settings) -> str:
    with pytest.raises(SluicewayError) as wrong:
        opened(settings)
    return wrong.value.code


def test_the_keys_are_the_signers_alone_and_stay(settings):
    opened(settings)
    public = PublishedKey(settings.signer).public_key()
    opened(settings)

    assert PublishedKey(settings.signer).public_key() == public
    assert settings.signer.stat().st_mode & 0o777 == 0o700
    assert all(one.stat().st_mode & 0o077 == 0 for one in settings.signer.glob("*.pem"))


@pytest.mark.parametrize("name", ["permits.pem", "attestations.pem"])
def test_a_lost_key_is_an_error_and_never_a_new_key(settings, name):
    opened(settings)
    (settings.signer / name).unlink()

    assert error(settings) == "SLW017"
    assert not (settings.signer / name).exists()


def test_another_key_in_the_place_of_one_is_an_error(settings, tmp_path):
    opened(settings)
    FileSigner.made(tmp_path / "other.pem")
    (tmp_path / "other.pem").replace(settings.signing_key)

    assert error(settings) == "SLW017"


def test_a_home_that_has_signed_before_and_lost_its_key_gets_no_new_one(settings):
    records = Records.at(settings.records)
    records.attestations.save("a" * 64, "kind", "b" * 64)
    records.close()

    assert error(settings) == "SLW017"


def test_the_key_of_an_earlier_version_is_taken_over(settings):
    before = FileSigner.made(settings.home / "keys" / "signing.pem").public_key()
    opened(settings)

    assert PublishedKey(settings.signer).public_key() == before
    assert not (settings.home / "keys" / "signing.pem").exists()


def test_a_torn_last_line_is_cut_off_and_the_log_goes_on(settings):
    opened(settings)
    whole = settings.signer_log.read_bytes()
    settings.signer_log.write_bytes(whole + b'{"n":2,"at":1,"bef')
    log = FileLog(settings.signer_log)

    assert log.torn == b'{"n":2,"at":1,"bef'
    assert settings.signer_log.read_bytes() == whole
    opened(settings)


def test_a_log_that_was_tampered_with_stops_the_signer(settings):
    opened(settings)
    settings.signer_log.write_bytes(settings.signer_log.read_bytes().replace(b"upgrade", b"upgrady") * 2)

    assert error(settings) == "SLW018"


def test_a_log_on_disk_is_continued_where_it_ended(tmp_path):
    one = Signing(FileLog(tmp_path / "log"))
    one.begun()
    again = Signing(FileLog(tmp_path / "log"), one.registry, one.blobs)
    again.client.permit(execution(JOBS[0]))

    assert [entry.kind for entry in FileLog(tmp_path / "log").entries()] == ["upgrade", "plan", "begin", "permit"]


def test_what_is_under_way_at_the_upgrade_goes_on_and_nothing_else(settings):
    records, signing = Records.at(settings.records), Signing()
    plan = signing.plan()
    event, source = serial.dump(Event(EventKind.MANUAL, "/repo", COMMIT)).decode(), serial.dump(SOURCE).decode()
    for run, number in (("run/shop/1", 1), ("run/shop/2", 2)):
        records.runs.start(
            RunStart(
                id=run,
                pipeline="shop",
                number=number,
                attempt=1,
                commit_id=COMMIT,
                plan=plan,
                event=event,
                source=source,
                path="p",
            )
        )
    records.runs.end("run/shop/1", "passed", "", "", "", 1.0)
    records.releases.start("release/web/prod/7", "web", "prod", 7, "run/shop/1")
    authority = open_authority(settings, records)
    client = AuthorityClient(authority.answer, signing.blobs.__getitem__)
    back = replace(release(instance="r9"), run="by hand", job="", origin="r7")

    assert client.permit(execution(JOBS[0], run="run/shop/2")).permit.basis == "upgrade"
    assert client.permit(back).permit.basis == "upgrade"
    client.end("run/shop/2")
    for claim in (
        execution(JOBS[0], run="run/shop/1"),
        execution(JOBS[0], run="run/shop/2"),
        replace(back, subject="prod/web/r10", origin="r8"),
    ):
        with pytest.raises(SluicewayError) as refused:
            client.permit(claim)
        assert refused.value.code == "SLW011"
    changed = replace(release(instance="r11", env={"A": "b"}), run="by hand", job="", origin="r7")
    with pytest.raises(SluicewayError) as refused:
        client.permit(changed)
    assert refused.value.code == "SLW012"
    records.close()


def test_the_signer_reads_the_people_of_a_change_from_its_commits(settings, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"a": "1"})
    settings.home.mkdir(parents=True, exist_ok=True)
    records = Records.at(settings.records)
    registered = Registered(Register(), records, Mirrors(settings.mirrors))
    change = ChangeRef(str(repo.path), str(repo.path), repo.head)
    said = ChangeAuthors("Somebody", "Somebody", "zoe", starter_from="hook", change=change)
    found = registered.authors(said, "")

    assert (found.asked, found.authors) == (True, (ADDRESS,))
    assert registered.unowned(found.addresses) == (ADDRESS, "zoe")
    gone = replace(said, change=replace(change, commit="f" * 40))
    assert registered.authors(gone, "").unknown.startswith("SLW065")
    records.close()
