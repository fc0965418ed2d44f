"""audit: who did what, and the proof that nothing of it was changed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from domain.access.audit import AuditKind, AuditOutcome
from domain.core.errors import SluicewayError
from domain.core.values import duration_s, number
from workers.cli.common import as_json, print_json
from workers.cli.session import ask, named
from workers.client.ports.audit import AuditFilter, AuditRow
from workers.client.ports.pages import PageOf
from workers.core.settings import current
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from workers.client.ports.audit import Audit

T = TypeVar("T")
LOOK_S = 1.0
"""Between two looks of who follows the log."""
PART = 500


@click.group("audit")
def audit() -> None:
    """Show who did what, prove single entries, and verify that nothing was changed."""


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a filter, handed over as `which`."""

    def called(
        kind: str, actor: str, action: str, resource: str, outcome: str, since: str, until: str, **rest: object
    ) -> None:
        now = time.time()
        which = AuditFilter(
            kind=kind,
            actor=actor,
            action=action,
            resource=resource,
            outcome=outcome,
            since=moment(since, now),
            until=moment(until, now),
        )
        command(which=which, **rest)

    called.__doc__, called.__name__ = command.__doc__, command.__name__
    made = called
    for name, about in reversed(_OPTIONS.items()):
        known = click.Choice(_CHOICES[name]) if name in _CHOICES else None
        made = click.option(f"--{name}", default="", type=known, help=about, metavar=name.upper())(made)
    return made


_OPTIONS = {
    "kind": f"One of {', '.join(AuditKind)}.",
    "actor": "Whoever did it, or on whose behalf: person:ann.",
    "action": "Such as runs:cancel.",
    "resource": "Such as environment:production.",
    "outcome": "allowed, denied, begun, done or failed.",
    "since": "90m, 7d, or 2026-11-29T08:00.",
    "until": "As --since.",
}


_CHOICES = {"kind": ["", *(one.value for one in AuditKind)], "outcome": ["", *(one.value for one in AuditOutcome)]}
"""What can be asked for: another word would silently find nothing."""


@audit.command("query")
@click.option("--limit", default=50, show_default=True, help="The last entries; 0: all.")
@click.option("--follow", is_flag=True, help="Go on with new entries until interrupted.")
@as_json
@filtered
def query(which: AuditFilter, limit: int, follow: bool, json_: bool) -> None:
    """Show entries, oldest first."""

    async def show(one: Audit) -> None:
        found = await _newest(one, which, limit)
        _print(found, json_)
        last = found[-1].seq if found else -1
        while follow:
            await asyncio.sleep(LOOK_S)
            new = await _newest(one, which, 0, after=last)
            _print(new, json_)
            last = new[-1].seq if new else last

    with_audit(show)


@audit.command("export")
@click.option("--format", "form", type=click.Choice(("json", "cef", "otlp")), default="json", show_default=True)
@click.option("--first", default=0, help="Begin at the entry of this number.")
@click.option("--follow", is_flag=True, help="Go on with new entries until interrupted.")
@filtered
def export(which: AuditFilter, form: str, first: int, follow: bool) -> None:
    """Write entries for another system: JSON lines, CEF, or OTLP logs as JSON. Each part is recorded."""
    from workers.views.audit_formats import FORMATS

    async def write(one: Audit) -> None:
        at = first
        while True:
            rows = await one.export(which, at)
            for line in FORMATS[form](rows):
                out_lines(line)
            at = rows[-1].seq + 1 if rows else at
            if not rows and not follow:
                return
            if not rows:
                await asyncio.sleep(LOOK_S)

    with_audit(write)


@audit.command("prove")
@click.argument("seq", type=int)
@as_json
def prove(seq: int, json_: bool) -> None:
    """Prove that an entry is in the log: its bytes, the hashes beside its way to the root, and a signed checkpoint."""
    from dataclasses import asdict

    from domain.access.checkpoint import proof_of, public_key
    from domain.access.merkle import includes, leaf_hash
    from domain.access.signed_note import verified

    proof = with_audit(lambda one: one.prove(seq))
    head = verified(proof.checkpoint.note, public_key(proof.checkpoint.key)).head
    whole = includes(leaf_hash(proof.leaf.encode()), seq, head.size, proof_of(proof.hashes), head.root)
    if not whole:
        raise SluicewayError("SLW481", f"the proof of entry {seq} does not lead to the signed root")
    if json_:
        print_json(asdict(proof))
        return
    out(_line(proof.row))
    out(f"  is in the log of size {head.size:,} with the root {base64.b64encode(head.root).decode()},")
    out(f"  by the hashes of {len(proof.hashes)} subtrees beside it,")
    out(f"  signed by {proof.checkpoint.key}")


@audit.command("verify")
@as_json
def verify(json_: bool) -> None:
    """Verify every entry, every hash, every checkpoint, and what witnesses have kept. Exit code 1: it was changed."""
    from dataclasses import asdict

    from workers.client.audit_memory import look

    async def check(one: Audit) -> tuple[AuditCheck, str]:
        found = await one.verify()
        _, own = await look(one, memory(), log_name())
        return found, own

    found, own = with_audit(check, remember=False)
    problems = tuple(dict.fromkeys((*found.problems, *([own] if own else []))))
    if json_:
        print_json({**asdict(found), "problems": problems})
    else:
        for problem in problems:
            out(f"  {problem}")
        kept = ", ".join(f"{witness} up to {size:,}" for witness, size in found.witnesses.items())
        out(f"{found.size:,} entries, {found.signed:,} of them signed; kept elsewhere by {kept or 'nobody'}")
    if problems:
        what = f"{number(len(problems), 'place')} of the audit {'is' if len(problems) == 1 else 'are'} not as written"
        raise SluicewayError("SLW481", what, why=problems[0])
    if not json_:
        out("nothing was changed, left out, swapped or cut off")


if TYPE_CHECKING:
    from workers.client.audit_memory import AuditMemory
    from workers.client.ports.audit import AuditCheck


def with_audit(use: Callable[[Audit], Awaitable[T]], *, remember: bool = True) -> T:
    """Calls with the audit of this home, or of the server that is named.

    Its last checkpoint is remembered, and must continue the one before.

    Raises:
        SluicewayError: SLW481, it does not.
    """

    async def asked(one: Audit) -> T:
        from workers.client.audit_memory import look

        problem = (await look(one, memory(), log_name()))[1] if remember else ""
        found = await use(one)
        if problem:
            raise SluicewayError("SLW481", "the audit is not the one that was there before", why=problem)
        return found

    async def call() -> T:
        from workers.worker.owner_audit import owner_audit

        with owner_audit(current()) as one:
            return await asked(one)

    return ask(lambda client: asked(client.audit)) if named() else asyncio.run(call())


def memory() -> AuditMemory:
    """Of this person, beside their keys."""
    from workers.client.audit_memory import FILE, AuditMemory
    from workers.remote.credentials import folder

    return AuditMemory((folder() if named() else current().keys.parent) / FILE)


def log_name() -> str:
    """What this person's memory calls the log."""
    return named() or str(current().home.resolve())


def moment(text: str, now: float) -> float:
    """Seconds since the epoch, of a time ago or of a time of this machine's zone; 0: not said.

    Raises:
        BadParameter: it is neither.
    """
    if not text:
        return 0
    with contextlib.suppress(ValueError):
        return now - duration_s(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as wrong:
        raise click.BadParameter(f"{text[:80]!r} is no time: write 90m, 7d, or 2026-11-29T08:00") from wrong


async def _newest(one: Audit, which: AuditFilter, limit: int, after: int = -1) -> list[AuditRow]:
    """The last entries, oldest first; only those with numbers above `after`."""
    found: list[AuditRow] = []
    page = PageOf(limit=min(limit or 200, 200))
    while True:
        part = await one.query(which, page)
        found += [row for row in part.items if row.seq > after]
        done = not part.next or (limit and len(found) >= limit) or (part.items and part.items[-1].seq <= after)
        if done:
            return found[:limit][::-1] if limit else found[::-1]
        page = PageOf(part.next, 200)


def _print(rows: list[AuditRow], json_: bool) -> None:
    from workers.views.audit_formats import json_lines

    if json_:
        for line in json_lines(rows):
            out_lines(line)
        return
    for row in rows:
        out(_line(row))


def _line(row: AuditRow) -> str:
    from workers.views.audit_formats import sentence

    at = datetime.fromtimestamp(row.at, UTC).astimezone()
    return f"{row.seq:>7}  {at:%Y-%m-%d %H:%M:%S}  {sentence(row)}{f'  {row.address}' if row.address else ''}"
