"""signer: the log of what was signed and refused, and whether it is whole."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import click

from activities.authority.log_parts import entries, every, torn
from domain.authority.chain import Entry, hash_of
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from workers.cli.common import as_json, print_json
from workers.core.settings import current
from workers.views.output import out

SHOWN = 50


@click.group("signer")
def signer() -> None:
    """Show and verify what the signer has permitted, attested and refused."""


@signer.command("log")
@click.option("--limit", default=SHOWN, show_default=True, help="Only the last entries; 0: all of them.")
@as_json
def log_(limit: int, json_: bool) -> None:
    """Show the last entries of the signer's log, oldest first. Changes nothing, and needs no engine."""
    found = list(deque((entry for entry, _ in entries(current().signer_log)), limit or None))
    if json_:
        print_json([_plain(one) for one in found])
        return
    for one in found:
        out(f"{one.number:>6}  {datetime.fromtimestamp(one.at):%Y-%m-%d %H:%M:%S}  {_words(one)}")
    if not found:
        out("the signer has signed nothing yet")


@signer.command("verify")
@click.option("--kept", default="", metavar="HASH", help="A hash that was printed earlier: it must be in the log.")
@as_json
def verify(kept: str, json_: bool) -> None:
    """Verify that no line of the log was changed, removed or added, in all of its parts. Exit code 1: one was.

    Lines that were cut off at the end leave no trace in the log itself: keep the printed hash elsewhere, and pass it
    as --kept the next time.
    """
    log, count, last, line, found = current().signer_log, 0, "", b"", not kept
    for _, line in entries(log):
        count += 1
        found = found or hash_of(line) == kept
    last = hash_of(line) if line else ""
    if not found:
        why = f"no line of it has the hash {kept[:80]}: lines were cut off at the end"
        raise SluicewayError("SLW018", "the signer's log was cut", where=str(log), why=why)
    parts, unfinished = len(every(log)), torn(log) if log.exists() else 0
    if json_:
        print_json({"whole": True, "entries": count, "parts": parts, "last": last, "torn": unfinished})
        return
    of = f" in {parts} parts" if parts > 1 else ""
    out(f"{log}: {count:,} entries{of}, none changed or missing; the last one is {last or '-'}")
    if unfinished:
        out(f"  {unfinished} bytes of an unfinished line follow; the signer cuts them off when it starts")


def _plain(one: Entry) -> dict[str, object]:
    return {"number": one.number, "at": one.at, "kind": one.kind, "before": one.before, **one.body}


def _words(one: Entry) -> str:
    said = Node(one.body)
    what = " ".join(said[name].text() for name in ("effect", "action", "subject") if said[name])
    whose = " ".join(said[name].text() for name in ("run", "job") if said[name])
    match one.kind:
        case "permit":
            people = f", approved by {', '.join(said['approvers'].texts())}" if said["approvers"] else ""
            return f"permit   {what} for {whose or 'nobody in particular'} ({said['basis'].text()}{people})"
        case "refusal":
            asked = what or said["operation"].text()
            return f"REFUSED  {asked}{f' for {whose}' if whose else ''}: {said['code'].text()}: {said['what'].text()}"
        case "order":
            return (
                f"order    {said['kind'].text()} {said['pod'].text() or said['cluster'].text()}, by {said['by'].text()}"
            )
        case "claimed":
            verb = "approves" if said["approve"].value is True else "rejects"
            return f"claimed  {said['approver'].text()} {verb} {said.at('binding', 'workflow_id').text()}, unsigned"
        case "registration":
            who = said["by"]["name"].text() or "by hand"
            return f"{said['topic'].text():<12} {said['name'].text()}, {who}"
        case "decision":
            verb = "approves" if said["approve"].value is True else "rejects"
            return f"decision {said['approver'].text()} {verb} {said.at('binding', 'workflow_id').text()}"
        case "verdict":
            return f"verdict  {whose}: {'passed' if said['passed'].value is True else 'closed'}"
        case _:
            return f"{one.kind:<8} {whose or said['pipeline'].text() or said['type'].text()}".rstrip()
