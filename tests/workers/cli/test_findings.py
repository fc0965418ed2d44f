"""`sluiceway findings`: what is open on the default branch, whose it is, until when, and what a person accepts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from activities.source import git
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity
from tests.support.command_line import call, said
from tests.support.known import KEY, OLD, Installation, weak
from workers.cli.findings import OPEN
from workers.client import findings as client
from workers.client.for_owner import owner_client
from workers.client.ports.findings import FindingFilter, FindingRow, Order
from workers.client.ports.pages import PageOf
from workers.core.settings import current
from workers.views.rows import plain
from workers.worker.client_wiring import command_parts

ORDERS = get_args(Order)
SQL = weak("query(q)", severity=Severity.CRITICAL, rule="B608", line=3, message="\x1b[31minto SQL")


@pytest.fixture
def here(home: Path, tmp_path: Path) -> Installation:
    return Installation(tmp_path / "made", home=home)


def scanned(here: Installation, *found: Finding) -> None:
    (Path(here.repo) / "CODEOWNERS").write_text("*.py @web\n")
    here.scan(here.input(here.commit("one")), *found)


def test_open_findings_are_listed_worst_first_with_owner_and_age(here: Installation) -> None:
    scanned(here, OLD, SQL)
    lines = said("findings").splitlines()
    rows = json.loads(said("findings", "list", "--json", "--limit", "1"))
    first = said("findings", "list", "--limit", "1").splitlines()

    assert ["B608" in lines[0], "@web" in lines[0], "0d" in lines[0]] == [True, True, True]
    assert lines[-1] == "2 findings"
    assert "\x1b" not in "".join(lines)
    assert [(one["rule"], one["repo"], one["branch"]) for one in rows] == [("B608", here.repo, "main")]
    assert first[1:] == ["1 finding; there are more, see --limit"]


def write_key(here: Installation) -> None:
    keys = here.folder.parent / "keys"
    keys.mkdir()
    (keys / "lead.key").write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--severity", "critical"], 1),
        (["--at-least", "low"], 2),
        (["--at-least", "critical"], 1),
        (["--text", "INTO sql"], 1),
        (["--tool", "trivy"], 0),
        (["--pipeline", "shop"], 0),
        (["--state", "accepted"], 0),
        (["--rule", "B602"], 1),
        (["--path", "b/**"], 0),
        (["--owner", "@web"], 2),
        (["--owner", "none"], 0),
        (["--state", "suppressed"], 0),
        (["--class", "vendored"], 0),
        (["--kind", "secret"], 0),
        (["--older", "1d"], 0),
        (["--overdue"], 0),
    ],
)
def test_each_filter_narrows_the_list(here: Installation, options: list[str], count: int) -> None:
    scanned(here, OLD, SQL)

    assert len(json.loads(said("findings", "list", "--json", *options))) == count


@pytest.mark.parametrize("order", ORDERS)
def test_in_every_order_page_after_page_has_each_finding_once(here: Installation, order: Order) -> None:
    scanned(here, OLD, SQL)
    rows = list(map(plain, asyncio.run(_one_by_one(order))))

    assert rows == json.loads(said("findings", "list", "--json", "--sort", order))
    assert sorted(one["rule"] for one in rows) == ["B602", "B608"]


async def _one_by_one(order: Order) -> list[FindingRow]:
    findings = owner_client(command_parts(current())).findings
    page, found = PageOf(limit=1), list[FindingRow]()
    while True:
        part = await findings.of_default_branch(FindingFilter(order=order, states=OPEN), page)
        found += part.items
        if not part.next:
            return found
        page = PageOf(part.next, 1)


def test_a_pattern_that_is_none_is_refused(here: Installation) -> None:
    assert "SLW471" in call("findings", "list", "--path", "[z-a]")[2]


def test_without_a_scan_nothing_is_listed(here: Installation) -> None:
    assert said("findings") == "0 findings\n"


def test_one_finding_is_shown_with_its_first_day(here: Installation) -> None:
    scanned(here, SQL)
    (one,) = json.loads(said("findings", "list", "--json"))
    shown = said("findings", "show", one["fingerprint"][:6])

    assert "first seen: " in shown
    assert "owner: @web" in shown
    assert json.loads(said("findings", "show", one["fingerprint"], "--json"))[0]["path"] == "a.py"


@pytest.mark.parametrize("command", ["trend", "baseline show"])
def test_without_a_scan_of_a_default_branch_there_is_nothing_to_show(here: Installation, command: str) -> None:
    assert "SLW885" in call("findings", *command.split())[2]


@pytest.mark.parametrize("fingerprint", ["ffffffff", "f", ""])
def test_an_unknown_or_too_short_fingerprint_is_told(here: Installation, fingerprint: str) -> None:
    scanned(here, SQL)

    err = call("findings", "show", fingerprint)[2]
    assert "SLW886" in err
    assert ("no last scan" if len(fingerprint) > 3 else "its first four digits") in err


def test_a_start_that_several_findings_have_names_them(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "named", lambda found, start: list(found))
    scanned(here, SQL, OLD)
    err = call("findings", "show", "abcd")[2]

    assert ["2 findings begin so" in err, "B608 a.py" in err, "B602 a.py" in err] == [True, True, True]


def test_an_unknown_pipeline_is_told_with_the_known_ones(here: Installation) -> None:
    scanned(here, SQL)

    assert "known: web scan" in call("findings", "trend", "--pipeline", "shop")[2]


@pytest.mark.parametrize(
    ("command", "options"), [("assign", ["--to", "ann"]), ("suppress", ["--reason", "x", "--approver", "lead"])]
)
def test_what_was_written_is_told_as_json_too(here: Installation, command: str, options: list[str]) -> None:
    scanned(here, SQL)
    (one,) = json.loads(said("findings", "list", "--json"))
    told = json.loads(said("findings", command, one["fingerprint"], *options, "--folder", here.repo, "--json"))

    assert told["fingerprint"] == one["fingerprint"]
    assert Path(told["file"]).is_file()


def test_an_assigned_finding_is_of_its_owner_once_that_is_on_the_default_branch(here: Installation) -> None:
    scanned(here, SQL)
    (one,) = json.loads(said("findings", "list", "--json"))
    said("findings", "assign", one["fingerprint"], "--to", "ann", "--folder", here.repo)
    said("lint", f"{here.repo}/sluiceway.owners.yaml")
    said("findings", "assign", one["fingerprint"][:8], "--to", "bob", "--folder", here.repo)
    here.scan(here.input(here.commit("two")), SQL)

    assert json.loads(said("findings", "list", "--json"))[0]["owner"] == "bob"


def test_a_suppression_is_written_into_the_reviewed_file_ready_to_be_signed(here: Installation) -> None:
    scanned(here, SQL, OLD)
    file = Path(here.repo) / "sluiceway.suppressions.yaml"
    for one in json.loads(said("findings", "list", "--json")):
        options = ["--reason", 'constants "only"', "--approver", "lead", "--folder", here.repo]
        assert "suppression sign" in said("findings", "suppress", one["fingerprint"][:8], *options)

    assert file.read_text().count("- fingerprint:") == 2
    said("lint", str(file))
    code, _, err = call(
        "findings", "suppress", one["fingerprint"], "--reason", "x", "--approver", "@web", "--folder", here.repo
    )
    assert (code, "SLW888" in err) == (1, True)


def test_a_person_sets_a_baseline_and_it_is_shown(here: Installation) -> None:
    scanned(here, SQL, weak("", kind=FindingKind.SECRET, secret="x"))
    write_key(here)
    assert call("findings", "baseline", "set", "web", "--reason", "as found", "--as", "lead")[0] == 1
    set_ = said("findings", "baseline", "set", "web", "--reason", "as found", "--as", "lead", "--yes")

    assert "1 secret among them: no baseline excuses one" in set_
    assert "as found" in said("findings", "baseline", "show")
    assert json.loads(said("findings", "baseline", "show", "--json"))[0]["counts"]
    rows = json.loads(said("findings", "list", "--json"))
    assert {one["kind"]: one["state"] == "accepted" for one in rows} == {"sast": True, "secret": False}


def test_an_incomplete_scan_and_somebody_unknown_set_no_baseline(here: Installation) -> None:
    scanned(here, SQL)
    options = ["findings", "baseline", "set", "web", "--reason", "x", "--yes", "--as"]
    assert "SLW876" in call(*options, "nobody")[2]
    here.scan(here.input(here.commit("two")), SQL, state=ScanState.INCOMPLETE)
    code, _, err = call(*options, "lead")

    assert (code, "SLW887" in err) == (3, True)


def test_a_pipeline_of_the_same_name_elsewhere_is_not_signed_along(here: Installation) -> None:
    scanned(here, SQL)
    other = here.made_repo("other")
    here.scan(here.input(here.commit("one", repo=other), repo=other), SQL)
    write_key(here)
    options = ["findings", "baseline", "set", "web", "--reason", "x", "--yes", "--as", "lead"]

    assert call(*options)[0] == 2
    assert call(*options, "--repository", here.repo)[0] == 0
    assert [row["repo"] for row in here.records.signed_baselines.all()] == [here.repo]


def test_the_trend_shows_each_scan_of_the_default_branch(here: Installation) -> None:
    scanned(here, SQL, OLD)
    here.scan(here.input(here.commit("two")), OLD)
    lines = said("findings", "trend").splitlines()

    assert ["2 open" in lines[1], "1 open" in lines[2], "0 new, 1 fixed" in lines[2]] == [True, True, True]
    assert [one["fixed"] for one in json.loads(said("findings", "trend", "--json"))[0]["scans"]] == [0, 1]


def test_a_working_copy_is_found_from_a_folder_within(here: Installation) -> None:
    scanned(here, SQL)
    (Path(here.repo) / "deep").mkdir()
    (one,) = json.loads(said("findings", "list", "--json"))
    said("findings", "assign", one["fingerprint"], "--to", "ann", cwd=Path(here.repo) / "deep")

    assert (Path(here.repo) / "sluiceway.owners.yaml").is_file()
    assert git.git("status", "--short", cwd=Path(here.repo))
