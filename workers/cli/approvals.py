"""approve, reject, decide, decision: signed decisions, and what they are about."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.core import ids as keys
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.cli import reviewing
from workers.cli.common import as_json, open_releases, print_json, run_name, with_engine
from workers.cli.identities import key_folder
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from domain.approvals.request import Decision
    from workers.client.client import Engine
    from workflows.approvals.messages import ApprovalView, DecideAnswer


def me() -> str:
    """The login name; imported lazily, so that the command line starts fast."""
    from workers.client import deliveries as trigger

    return trigger.me()


as_whom = click.option("--as", "who", default=me, help="Identity whose key signs.  [default: your login]")
job_option = click.option("--job", default="", help="Job or release step that asks; required when several do.")


async def asked_of(engine: Engine, name: str, job: str) -> tuple[str, str]:
    """The pending approval: the run or release, and its job or step. A run includes its releases."""
    from workers.client import approvals, releases

    release = keys.release_of(name)
    owner = release or run_name(name)
    waiting = [] if release else [(owner, one) for one in await approvals.pending(engine, owner)]
    for id_ in [release] if release else open_releases(current(), owner):
        waiting += [(id_, one) for one in (await releases.view(engine, id_)).approvals]
    waiting = [(asker, one) for asker, one in waiting if job in ("", one)]
    if not waiting and job:
        return owner, job  # an ended approval reports that itself
    if not waiting:
        show = f"sluiceway release show {release}" if release else f"sluiceway show {owner}"
        raise SluicewayError("SLW873", f"{owner} is not waiting for an approval", fix=show)
    if len(waiting) > 1:
        which = ", ".join(one if asker == owner else f"{one} of {asker}" for asker, one in waiting)
        raise DefinitionError(
            "SLW874", f"{owner} is waiting for {which}", fix="select one with --job, or name the release"
        )
    return waiting[0]


def _decide(name: str, job: str, who: str, approve: bool, comment: str) -> None:
    chosen = current()

    async def decide(engine: Engine) -> None:
        from workers.client import approvals

        owner, asked = await asked_of(engine, name, job)
        decision = await approvals.sign(engine, owner, asked, who, approve, comment, key_folder(chosen, who))
        await counted(engine, owner, asked, decision)

    with_engine(chosen, decide)


def _see_and_approve(name: str, job: str, who: str, comment: str, *, yes: bool, json_: bool) -> None:
    """Shows what would happen, asks unless `yes`, and signs exactly what was shown."""
    from activities.access import identities, private_keys
    from workers.client import approvals

    chosen = current()
    owner, asked, view = with_engine(chosen, lambda engine: _request(engine, name, job))
    try:
        shown = reviewing.of(chosen, owner, view)
    except SluicewayError as unseen:
        if not yes:
            raise
        out(f"signed without being shown: {unseen.what}", err=True)
        shown = None
    if not json_:
        reviewing.show(shown, view)
    if not yes and not click.confirm(f"Approve as {who}?", default=False, err=True):
        out("nothing was signed", err=True)
        raise click.exceptions.Exit(1)
    key = private_keys.load(key_folder(chosen, who), who)
    decision = identities.sign(key, approvals.decision_on(view, who, True, comment))

    async def send(engine: Engine) -> None:
        if json_:
            answer = await approvals.decide(engine, owner, asked, decision)
            print_json({**reviewing.as_json(shown, view), "answer": asdict(answer)})
            _must_count(answer, decision, f"{owner} {asked}")
        else:
            await counted(engine, owner, asked, decision)

    with_engine(chosen, send)


async def _request(engine: Engine, name: str, job: str) -> tuple[str, str, ApprovalView]:
    from workers.client import approvals

    owner, asked = await asked_of(engine, name, job)
    return owner, asked, await approvals.view(engine, owner, asked)


def request_of(name: str, job: str) -> tuple[str, ApprovalView]:
    """Who asks, and the open request."""
    owner, _, view = with_engine(current(), lambda engine: _request(engine, name, job))
    return owner, view


async def counted(engine: Engine, owner: str, asked: str, decision: Decision) -> None:
    """Sends a decision, and says what is decided.

    Raises:
        RefusedError: SLW875, it does not count.
    """
    from workers.client import approvals

    answer = await approvals.decide(engine, owner, asked, decision)
    _must_count(answer, decision, f"{owner} {asked}")
    view = None if answer.outcome != "pending" else await approvals.view(engine, owner, asked)
    out(f"{owner} {asked}: {answer.outcome}{', ' + view.waiting_for if view else ''}")


def _must_count(answer: DecideAnswer, decision: Decision, where: str) -> None:
    if not answer.counted:
        what = f"the decision of {decision.approver} does not count"
        raise RefusedError("SLW875", what, why=answer.rule, where=where, fix=answer.advice)


@click.command()
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@click.option("--comment", default="")
@click.option("--yes", is_flag=True, help="Show what would happen, and do not ask.")
@as_json
def approve(name: str, job: str, who: str, comment: str, yes: bool, json_: bool) -> None:
    """Approve what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count.

    On a terminal it shows what would happen, and asks. `sluiceway decision show` shows it alone.
    """
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    if asks or yes or json_:
        _see_and_approve(name, job, who, comment, yes=yes or not asks, json_=json_)
    else:
        _decide(name, job, who, True, comment)


@click.command()
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@click.option("--comment", default="")
def reject(name: str, job: str, who: str, comment: str) -> None:
    """Reject what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count."""
    _decide(name, job, who, False, comment)
