"""inbox, approve, reject, decide, decision: what waits at a server, and decisions that are signed here."""

from __future__ import annotations

import base64
import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from domain.approvals.request import signed_text
from domain.approvals.untrusted import from_text
from domain.core import ids
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.cli.session import ask, pages, server_of
from workers.cli.shown import as_json, limited, print_json, when
from workers.client.ports.approvals import Answer, ApprovalDetails
from workers.client.ports.client import Client
from workers.remote.credentials import folder
from workers.remote.signing import LIFETIME_S, decision_on, load_key, signed
from workers.views.output import out, out_stream

job_option = click.option("--job", default="", help="Job or release step that asks; required when several do.")
as_whom = click.option("--as", "who", default="", help="Identity whose key signs.  [default: who is logged in]")
comment_option = click.option("--comment", default="")
key_option = click.option("--key", type=click.Path(path_type=Path), help="Your ed25519 key.")
name_argument = click.argument("name", metavar="RUN|RELEASE")


@click.command()
@click.option("--all", "all_", is_flag=True, help="Those that others may decide, too.")
@limited
@as_json
def inbox(all_: bool, limit: int, json_: bool) -> None:
    """List what waits for you, oldest first."""
    found = pages(limit, lambda client, page: client.approvals.inbox(page, mine=not all_))
    if json_:
        print_json(found)
        return
    for one in found:
        why = f"; not yours: {one.why_not}" if one.why_not else ""
        out(f"{one.run.removeprefix('run/'):<32} {one.job:<24} until {when(one.expires_at)}  {one.waiting_for}{why}")
    if not found:
        out("nothing waits for you")


async def _asked(client: Client, name: str, job: str) -> ApprovalDetails:
    """The open request of a run or of a release; a run has its releases' too.

    Raises:
        SluicewayError: SLW873, there is none; SLW874, there are several.
    """
    release = ids.release_of(name)
    if job:
        return await client.approvals.show(ids.approval_id(release or await _latest(client, name), job))
    if release:
        waiting = list((await client.releases.show(release)).approvals)
    else:
        found = await client.runs.show(name)
        waiting = [one.approval for one in found.waits if one.approval]
        for id_ in found.releases:
            waiting += (await client.releases.show(id_)).approvals
    if not waiting:
        raise SluicewayError("SLW873", f"{name} is not waiting for an approval", fix="sluiceway inbox")
    if len(waiting) > 1:
        raise DefinitionError("SLW874", f"{name} is waiting for {', '.join(waiting)}", fix="select one with --job")
    return await client.approvals.show(waiting[0])


async def _latest(client: Client, name: str) -> str:
    return (await client.runs.show(name)).row.id


def _key_of(who: str, key: Path | None) -> Path:
    login = server_of()[1]
    if key is None and login.key and login.who == f"person:{who}":
        return Path(login.key)
    return key or Path(os.environ.get("SLUICEWAY_KEYS") or folder() / "keys") / f"{who}.key"


def _who(who: str) -> str:
    known = server_of()[1].who
    return who or (known.removeprefix("person:") if known.startswith("person:") else getpass.getuser())


def show(found: ApprovalDetails) -> None:
    """What is decided, most important first."""
    row = found.row
    out(f"{row.job} of {row.run}: {row.waiting_for}")
    lines = {
        "message": found.message,
        "repository": found.subject.repository,
        "commit": found.subject.commit,
        "environment": found.subject.environment,
        "expires": when(row.expires_at),
        "fingerprint": found.digest,
    }
    for title, text in lines.items():
        if text:
            out(f"  {title:<12} {text}")
    for one in found.commits:
        out(f"  {'commit':<12} {one.id[:12]} {one.author}: {one.subject}")
    many = (("file", found.files), ("evidence", found.evidence), ("artifact", found.subject.digests))
    for title, texts in (*many, ("gate", found.subject.verdicts)):
        for text in texts:
            out(f"  {title:<12} {text}")
    for name, difference in (found.live or {}).items():
        out(f"  {'live':<12} {name}: {difference}")
    for decision in found.decisions:
        said = "approved" if decision.approve else "rejected"
        out(f"  {'decision':<12} {decision.approver} {said}: {decision.rule} {decision.comment}".rstrip())


def _decide(name: str, job: str, who: str, comment: str, key: Path | None, *, approve: bool, yes: bool) -> None:
    person = _who(who)
    found = ask(lambda client: _asked(client, name, job))
    show(found)
    if not yes and not click.confirm(f"{'Approve' if approve else 'Reject'} as {person}?", default=False, err=True):
        out("nothing was signed", err=True)
        raise click.exceptions.Exit(1)
    decision = signed(load_key(_key_of(person, key)), decision_on(found, person, approve, comment, LIFETIME_S))
    _sent(found, lambda client: client.approvals.decide(found.row.id, decision, found.digest), person)


def _sent(found: ApprovalDetails, send: Callable[[Client], Any], person: str) -> None:
    answer: Answer = ask(send)
    where = f"{found.row.run} {found.row.job}"
    if not answer.counted:
        what = f"the decision of {person} does not count"
        raise RefusedError("SLW875", what, why=answer.rule, where=where, fix=answer.advice)
    out(f"{where}: {answer.outcome}")


def _asks(yes: bool) -> bool:
    return yes or not (sys.stdin.isatty() and sys.stdout.isatty())


@click.command()
@name_argument
@job_option
@as_whom
@key_option
@comment_option
@click.option("--yes", is_flag=True, help="Show what would happen, and do not ask.")
def approve(name: str, job: str, who: str, key: Path | None, comment: str, yes: bool) -> None:
    """Approve what a run or release is waiting for. The key stays here; exit code 3 when it does not count."""
    _decide(name, job, who, comment, key, approve=True, yes=_asks(yes))


@click.command()
@name_argument
@job_option
@as_whom
@key_option
@comment_option
def reject(name: str, job: str, who: str, key: Path | None, comment: str) -> None:
    """Reject what a run or release is waiting for. Exit code 3 when the decision does not count."""
    _decide(name, job, who, comment, key, approve=False, yes=True)


@click.group()
def decision() -> None:
    """See what a decision is about; print its text to sign with a key of your own."""


@decision.command("show")
@name_argument
@job_option
@as_json
def show_(name: str, job: str, json_: bool) -> None:
    """Show what an approval is about."""
    found = ask(lambda client: _asked(client, name, job))
    if json_:
        print_json(found)
    else:
        show(found)


@decision.command("text")
@name_argument
@job_option
@as_whom
@click.option("--approve/--reject", "approve_", default=None, required=True)
@comment_option
@click.option("--lifetime", default=LIFETIME_S, show_default=True, help="Seconds until the signature expires.")
def text(name: str, job: str, who: str, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the text to sign, such as with `ssh-keygen -Y sign -n sluiceway-decision`."""
    found = ask(lambda client: _asked(client, name, job))
    out_stream(signed_text(decision_on(found, _who(who), approve_, comment, lifetime)))


@click.command()
@name_argument
@job_option
@click.option("--signature", required=True, metavar="FILE", help="From `ssh-keygen -Y sign`, or the bytes of openssl.")
@click.option(
    "--text", "text_", default="", metavar="FILE", help="What was signed.  [default: FILE without its ending]"
)
def decide(name: str, job: str, signature: str, text_: str) -> None:
    """Send a decision that was signed with a program of your own. Exit code 3 when it does not count."""
    file = Path(text_) if text_ else Path(signature).with_suffix("")
    try:
        made, data = from_text(file.read_bytes()), Path(signature).read_bytes()
    except (OSError, ValueError) as wrong:
        raise RefusedError("SLW025", f"{file} and {signature} are no decision", why=str(wrong)) from wrong
    packed = _armoured(data.decode("ascii", "replace")) if data.startswith(b"-----BEGIN") else base64.b64encode(data)
    whole = replace(made, signature=packed.decode(), request_id=sha256(packed).hexdigest()[:16])
    found = ask(lambda client: _asked(client, name, job))
    _sent(found, lambda client: client.approvals.decide(found.row.id, whole, found.digest), made.approver)


def _armoured(text: str) -> bytes:
    """The Base64 of an armoured SSH signature; whoever verifies it looks at what it is."""
    return "".join(line for line in text.splitlines() if not line.startswith("-----")).encode("ascii", "replace")
