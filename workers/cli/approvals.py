"""inbox, approve, reject: what waits for people, and decisions that are signed on this machine."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.approvals.request import Decision
from domain.core import ids
from domain.core.errors import DefinitionError, RefusedError, SluicewayError, UnreachableError
from workers.cli.session import ask, is_near, pages, server_of
from workers.cli.shown import as_json, limited, print_json, when
from workers.client.ports.approvals import Answer, ApprovalDetails
from workers.client.ports.pages import PageOf
from workers.views.approval_review import lines
from workers.views.output import out
from workers.views.rows import plain

if TYPE_CHECKING:
    from workers.client.ports.client import Client

job_option = click.option("--job", default="", help="Job or release step that asks; required when several do.")
as_whom = click.option("--as", "who", default="", help="Identity whose key signs.  [default: who you are]")
comment_option = click.option("--comment", default="")
key_option = click.option("--key", type=click.Path(path_type=Path), help="Your ed25519 key.  [default: NAME.key]")
name_argument = click.argument("name", metavar="RUN|RELEASE|REQUEST")
GONE = "SLW907"
PATIENCE_S, EVERY_S = 20.0, 0.5
"""How long, and how often, a run or a release is asked that does not answer."""


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


async def asked(client: Client, name: str, job: str) -> ApprovalDetails:
    """The open request of a run or of a release; a run has its releases' too.

    Raises:
        SluicewayError: SLW873, there is none; SLW874, there are several.
        UnreachableError: SLW906, nobody says what it waits for.
    """
    owner, waiting = await _waiting(client, name)
    chosen = [id_ for id_ in waiting if not job or id_ == ids.approval_id(_asker(id_), job)]
    if not chosen and job:
        return await client.approvals.show(ids.approval_id(owner, job))  # one that has ended says so itself
    found = [one for one in await asyncio.gather(*(_shown(client, id_) for id_ in chosen)) if one]
    if not found:
        show = f"sluiceway release show {owner}" if owner.startswith("release/") else f"sluiceway show {owner}"
        raise SluicewayError("SLW873", f"{owner} is not waiting for an approval", fix=show)
    if len(found) > 1:
        which = ", ".join(f"{one.row.job} of {one.row.run}" for one in found)
        fix = "select one with --job, or name the release"
        raise DefinitionError("SLW874", f"{owner} is waiting for {which}", fix=fix)
    return found[0]


async def _waiting(client: Client, name: str) -> tuple[str, list[str]]:
    """The run or release that a name stands for, and the ids of what it may be waiting for.

    A worker that was killed is there again in seconds.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        owner, waiting, answers = await _told(client, name)
        if answers:
            return owner, waiting
        if time.monotonic() >= until:
            raise UnreachableError("SLW906", f"nobody says what {owner} is waiting for", fix="sluiceway status")
        await client.releases.queues(PageOf(limit=1))  # says so where there is no engine
        await asyncio.sleep(EVERY_S)


async def _told(client: Client, name: str) -> tuple[str, list[str], bool]:
    """Also whether it was said."""
    if name.startswith("request/"):
        asked_for = await client.requests.show(name)
        return name, [one for one in (asked_for.approval,) if one], True
    if release := ids.release_of(name):
        details = await client.releases.show(release)
        return release, list(details.approvals), details.answers
    found = await client.runs.show(name)
    releases = await asyncio.gather(*map(client.releases.show, found.releases))
    waiting = [one.approval for one in found.waits if one.approval]
    answers = bool(found.errors) or (found.answers and all(one.answers for one in releases))
    return found.row.id, [*waiting, *(id_ for one in releases for id_ in one.approvals)], answers


def _asker(id_: str) -> str:
    """The run or release of an approval's id, for `ids.approval_id`."""
    return id_.removeprefix("approval/").rpartition("/")[0]


async def _shown(client: Client, id_: str) -> ApprovalDetails | None:
    """None: it does not ask, as a gate that is not held."""
    try:
        return await client.approvals.show(id_)
    except SluicewayError as gone:
        if gone.code != GONE:
            raise
        return None


def signer(who: str) -> str:
    """Whose key signs: who is named, else who is logged in, else the login of this machine."""
    known = "" if is_near() else server_of()[1].who
    return who or (known.removeprefix("person:") if known.startswith("person:") else getpass.getuser())


def signed_by(person: str, key: Path | None, decision: Decision) -> Decision:
    """Signs with a key that stays here.

    Raises:
        RefusedError: SLW871, there is none; SLW024, it is no ed25519 key.
    """
    from workers.remote.signing import load_key, signed

    return signed(load_key(key or _key_of(person)), decision)


def _key_of(person: str) -> Path:
    if is_near():
        from workers.cli.identities import key_folder
        from workers.core.settings import current

        return key_folder(current(), person) / f"{person}.key"
    from workers.remote.credentials import folder

    login = server_of()[1]
    if login.key and login.who == f"person:{person}":
        return Path(login.key)
    return Path(os.environ.get("SLUICEWAY_KEYS") or folder() / "keys") / f"{person}.key"


def sent(found: ApprovalDetails, decision: Decision) -> Answer:
    """Sends a decision on what was shown.

    Raises:
        RefusedError: SLW875, it does not count.
    """
    answer = ask(lambda client: client.approvals.decide(found.row.id, decision, found.digest))
    if not answer.counted:
        what, where = f"the decision of {decision.approver} does not count", f"{found.row.run} {found.row.job}"
        raise RefusedError("SLW875", what, why=answer.rule, where=where, fix=answer.advice)
    return answer


def tell(found: ApprovalDetails, answer: Answer) -> None:
    """What is decided, and what is still missing."""
    more = ""
    if answer.outcome == "pending":
        more = f", {ask(lambda client: client.approvals.show(found.row.id)).row.waiting_for}"
    out(f"{found.row.run} {found.row.job}: {answer.outcome}{more}")


def on_terminal() -> bool:
    """Whether somebody sees what is printed, and can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def need_seen(found: ApprovalDetails) -> None:
    """Before somebody looks at what they sign.

    Raises:
        SluicewayError: SLW026, it cannot be shown.
    """
    if found.unseen:
        raise SluicewayError("SLW026", f"what is approved of {found.row.run} cannot be shown", why=found.unseen)


def show(found: ApprovalDetails) -> None:
    """On standard output, so that strangers' text has no power over the terminal."""
    for line in lines(found):
        out(line)


@click.command()
@name_argument
@job_option
@as_whom
@key_option
@comment_option
@click.option("--yes", is_flag=True, help="Show what would happen, and do not ask.")
@as_json
def approve(name: str, job: str, who: str, key: Path | None, comment: str, yes: bool, json_: bool) -> None:
    """Approve what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count.

    On a terminal it shows what would happen, asks, and signs exactly what it showed. The key stays here.
    `sluiceway decision show` shows it alone.
    """
    person, asks = signer(who), on_terminal() and not yes
    found = ask(lambda client: asked(client, name, job))
    if asks:
        need_seen(found)
    if found.unseen:
        out(f"signed without being shown: {found.unseen}", err=True)
    elif asks or (yes and not json_):
        show(found)
    if asks and not click.confirm(f"Approve as {person}?", default=False, err=True):
        out("nothing was signed", err=True)
        raise click.exceptions.Exit(1)
    answer = _decided(found, person, key, comment, approve=True)
    if json_:
        print_json({**plain(found), "answer": plain(answer)})
    else:
        tell(found, answer)


def _decided(found: ApprovalDetails, person: str, key: Path | None, comment: str, *, approve: bool) -> Answer:
    from workers.remote.signing import LIFETIME_S, decision_on

    return sent(found, signed_by(person, key, decision_on(found, person, approve, comment, LIFETIME_S)))


@click.command()
@name_argument
@job_option
@as_whom
@key_option
@comment_option
def reject(name: str, job: str, who: str, key: Path | None, comment: str) -> None:
    """Reject what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count."""
    found = ask(lambda client: asked(client, name, job))
    tell(found, _decided(found, signer(who), key, comment, approve=False))
