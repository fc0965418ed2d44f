"""findings assign, findings suppress: entries in reviewed files of the repository, which count once they are merged."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from domain.core.errors import SluicewayError
from workers.cli.common import as_json, print_json
from workers.cli.findings_common import fingerprint_argument, open_findings
from workers.cli.host import on_host
from workers.views.output import out, out_lines

in_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="The working copy.  [default: the repository around this folder]",
)


@click.command(short_help="Say whose a finding is.")
@fingerprint_argument
@click.option("--to", "owner", required=True, help="A person, a team or an address.")
@click.option("--note", default="", help="Anything that helps the owner.")
@in_folder
@as_json
@on_host
def assign(fingerprint: str, owner: str, note: str, folder: Path, json_: bool) -> None:
    """Write who deals with a finding into sluiceway.owners.yaml: commit it. It counts on the default branch.

    A finding that nobody was assigned to is of whom CODEOWNERS names for its path.

    \b
    sluiceway findings assign 3f9a1c22 --to web-team --note "with the new driver"
    """
    from domain.scans.findings.code_owners import ASSIGNED

    one = open_findings().one(fingerprint)[0].finding
    entry = {"fingerprint": one.fingerprint, "owner": owner} | ({"note": note} if note else {})
    file = _add(folder, ASSIGNED, "FindingOwners", "owners", entry)
    if json_:
        print_json({**entry, "file": str(file)})
    else:
        out(f"{one.short} {one.rule} is assigned to {owner} in {file}; commit it to the default branch")


@click.command(short_help="Accept the risk of a finding for a while.")
@fingerprint_argument
@click.option("--reason", required=True, help="Why it is acceptable, or not fixed yet.")
@click.option("--approver", required=True, help="The identity that has to sign it; not the owner.")
@click.option("--owner", default="", help="Who is responsible.  [default: the finding's owner, or you]")
@click.option("--days", type=click.IntRange(1, 90), default=30, show_default=True, help="Until it comes back.")
@in_folder
@as_json
@on_host
def suppress(fingerprint: str, reason: str, approver: str, owner: str, days: int, folder: Path, json_: bool) -> None:
    """Write an accepted risk into sluiceway.suppressions.yaml: have it signed, commit both files, and merge them.

    It suppresses nothing before its approver has signed it: `sluiceway suppression sign --as APPROVER`.

    \b
    sluiceway findings suppress 3f9a1c22 --reason "constants only" --approver security --days 60
    """
    from domain.scans.findings.suppressions import FILE

    one = open_findings().one(fingerprint)[0].finding
    today = datetime.fromtimestamp(time.time(), UTC).date()
    entry = {
        "fingerprint": one.fingerprint,
        "reason": reason,
        "owner": owner or one.owner or getpass.getuser(),
        "approver": approver,
        "since": today.isoformat(),
        "expires": (today + timedelta(days=days)).isoformat(),
    }
    file = _add(folder, FILE, "Suppressions", "suppressions", entry)
    if json_:
        print_json({**entry, "file": str(file)})
        return
    out(f"{one.short} {one.rule} is in {file}, until {entry['expires']}")
    out(f"let {approver} sign it: sluiceway suppression sign {file.parent} --as {approver}")


def _add(folder: Path, name: str, kind: str, key: str, entry: Mapping[str, str]) -> Path:
    """Writes the file with one more entry, or with another owner, if it is a valid document then.

    Raises:
        SluicewayError: SLW888, the entry has no place in it, or breaks a rule.
    """
    from activities.core.files import write_atomically
    from activities.source import git
    from pipeline_defs.documents import check
    from pipeline_defs.scans.added_entries import NoPlaceError, added, replaced

    file = (git.top_of(folder.resolve()) or folder.resolve()) / name
    before = file.read_bytes().decode("utf-8", "replace") if file.is_file() and not file.is_symlink() else ""
    try:
        known = ("fingerprint", entry["fingerprint"])
        again = kind == "FindingOwners" and replaced(before, key, known, "owner", entry["owner"])
        made = again or added(before, kind, key, entry)
    except NoPlaceError as none:
        raise _no_place(file, str(none)) from none
    checked = check(made.encode(), str(file), lambda path: None)
    errors = [one for one in checked.diagnostics if one.severity == "error"]
    if errors:
        out_lines("\n".join(map(str, errors[:5])), err=True)
        raise _no_place(file, "it would not be valid")
    write_atomically(file, made, 0o644)
    return file


def _no_place(file: Path, why: str) -> SluicewayError:
    fix = "mend the file, or write the entry by hand"
    return SluicewayError("SLW888", "the entry cannot be added", where=str(file), why=why, fix=fix)
