"""identity, approve, reject, decision sign: identities and signed decisions."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.core import ids as keys
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.cli.common import as_json, open_releases, print_json, records, run_name, with_engine
from workers.core.settings import current

if TYPE_CHECKING:
    from activities.access.identity_store import Identity
    from domain.approvals.request import Decision
    from workers.client.client import Engine

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\Z")


def me() -> str:
    """The login name; imported lazily, so that the command line starts fast."""
    from workers.client import deliveries as trigger

    return trigger.me()


as_whom = click.option("--as", "who", default=me, help="Identity whose key signs.  [default: your login]")
job_option = click.option("--job", default="", help="Job or release step that asks; required when several do.")


@click.group("identity")
def identity_() -> None:
    """Manage the identities that may approve.

    The private key stays in this home; the engine stores the public key, groups and roles.
    """


@identity_.command("add")
@click.argument("name")
@click.option("--group", "groups", multiple=True)
@click.option("--role", "roles", multiple=True)
def add(name: str, groups: tuple[str, ...], roles: tuple[str, ...]) -> None:
    """Create a key pair for NAME, or change the groups and roles of an existing identity."""
    from activities.access import identities as identity

    if not _NAME.match(name):
        raise DefinitionError(
            "SLW506", f"'{name}' is not a valid identity name", fix="use letters, digits, and . _ @ -"
        )
    chosen = current()
    made = identity.create(chosen.identities, name, groups, roles)
    records(chosen).identities.save(made)
    click.echo(f"{name}: groups {', '.join(groups) or '-'}, roles {', '.join(roles) or '-'}, key {made.public_key}")


def _registered(name: str) -> Identity:
    known = records(current()).identities.get(name)
    if known is None:
        raise SluicewayError("SLW876", f"no identity '{name}' is registered", fix="sluiceway identity list")
    return known


@identity_.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove NAME and its key: it may decide no more, and its decisions on open approvals are void."""
    from activities.access import identities as identity

    chosen, known = current(), _registered(name)
    records(chosen).identities.remove(known.name)
    identity.forget(chosen.identities, known.name)
    click.echo(f"{name} is removed; its decisions on approvals that are still open, and on reruns, no longer count")


@identity_.command("rotate")
@click.argument("name")
def rotate(name: str) -> None:
    """Replace the key of NAME: decisions signed with the old one are void where nothing is granted yet."""
    from activities.access import identities as identity

    chosen = current()
    made = identity.rotate(chosen.identities, _registered(name))
    records(chosen).identities.save(made)
    click.echo(f"{name}: new key {made.public_key}; decisions signed with the old one no longer count")


@identity_.command("list")
@as_json
def list_(json_: bool) -> None:
    """List identities with their groups and roles."""
    known = records(current()).identities.all()
    if json_:
        print_json([asdict(one) for one in known])
        return
    for one in known:
        click.echo(f"{one.name:<24} groups {', '.join(one.groups) or '-'}; roles {', '.join(one.roles) or '-'}")


async def _asked(engine: Engine, name: str, job: str) -> tuple[str, str]:
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

        owner, asked = await _asked(engine, name, job)
        decision = await approvals.sign(engine, owner, asked, who, approve, comment, chosen.identities)
        answer = await approvals.decide(engine, owner, asked, decision)
        if not answer.counted:
            where = f"{owner} {asked}"
            raise RefusedError("SLW875", f"the decision of {who} does not count", why=answer.rule, where=where)
        view = None if answer.outcome != "pending" else await approvals.view(engine, owner, asked)
        click.echo(f"{owner} {asked}: {answer.outcome}{', ' + view.waiting_for if view else ''}")

    with_engine(chosen, decide)


@click.command()
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@click.option("--comment", default="")
def approve(name: str, job: str, who: str, comment: str) -> None:
    """Approve what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count."""
    _decide(name, job, who, True, comment)


@click.command()
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@click.option("--comment", default="")
def reject(name: str, job: str, who: str, comment: str) -> None:
    """Reject what a run or release is waiting for, with a signature. Exit code 3 when the decision does not count."""
    _decide(name, job, who, False, comment)


@click.group()
def decision() -> None:
    """Sign a decision to send from the Temporal UI or CLI."""


@decision.command("sign")
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@click.option("--approve/--reject", "approve_", default=None, required=True)
@click.option("--comment", default="")
@click.option("--lifetime", default=600, show_default=True, help="Seconds until the signature expires.")
def sign(name: str, job: str, who: str, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the JSON for the Temporal UI (Send a Signal), and on standard error the command that sends it."""
    chosen = current()

    async def signed(engine: Engine) -> tuple[str, Decision]:
        from workers.client import approvals

        owner, asked = await _asked(engine, name, job)
        made = await approvals.sign(engine, owner, asked, who, approve_, comment, chosen.identities, lifetime)
        return keys.approval_id(owner, asked), made

    id_, made = with_engine(chosen, signed)
    click.echo(json.dumps(asdict(made)))
    words = "approve" if approve_ else "reject"
    address = chosen.temporal_address()
    click.echo(
        f"temporal workflow signal --address {address} -w {id_} --name {words} -i 'THE JSON'",
        err=True,
    )
