"""suppression: the approver of an accepted risk signs it."""

from __future__ import annotations

from pathlib import Path

import click

from domain.core.values import number
from workers.cli.identities import as_login, key_folder
from workers.core.settings import current
from workers.views.output import out


@click.group()
def suppression() -> None:
    """Answer for suppressions and VEX statements: one counts only if its approver has signed it."""


@suppression.command("sign")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@as_login
@click.option("--repository", default="", help="Address that pushes come from.  [default: the remote `origin`]")
@click.option("--vex", is_flag=True, help="Sign the VEX document of the folder as well.")
def sign(folder: Path, who: str, repository: str, vex: bool) -> None:
    """Sign the entries of FOLDER/sluiceway.suppressions.yaml that name you as approver.

    The signatures go to sluiceway.signatures.json beside it: commit both. They hold for one repository, and for these
    very entries.
    """
    from activities.access.private_keys import load
    from activities.core.files import write_atomically
    from activities.scans.suppressions.suppression_signing import sign as signed
    from domain.scans.findings import suppression_signatures, suppressions
    from domain.scans.findings.vex import FILE as VEX
    from domain.triggers.repository_name import repository_name
    from workers.worker.definition_reader import read_suppressions

    chosen = current()
    address = repository_name(repository or _origin(folder))
    entries = read_suppressions(_bytes(folder / suppressions.FILE), suppressions.FILE)
    file = folder / suppression_signatures.FILE
    document = _bytes(folder / VEX) if vex else b""
    data, count = signed(_bytes(file), who, load(key_folder(chosen, who), who), address, entries, document)
    write_atomically(file, data)
    out(f"{number(count, 'signature')} of {who} for {address} in {file}")


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _origin(folder: Path) -> str:
    """The remote that is pushed to; without one, the folder's own repository."""
    from activities.source import git
    from domain.core.errors import SluicewayError

    try:
        return git.origin(folder)
    except SluicewayError:
        return str((git.top_of(folder.resolve()) or folder).resolve())
