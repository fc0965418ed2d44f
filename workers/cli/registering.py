"""Documents that are registered: shown, signed where a server is asked, and told what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.authority.documents import of_document
from domain.core.errors import DefinitionError, SluicewayError
from workers.cli.placed import has_engine
from workers.cli.session import ask, is_near
from workers.cli.vouched import signed
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.policies import SignedStep
    from workers.client.ports.registrations import Applied, Prepared


def apply_texts(texts: Sequence[str], key: Path | None, *, yes: bool) -> None:
    """Registers documents of YAML, none before the server has understood all of them.

    What a server reads out of a text is shown before it is signed, unless this machine reads the same out of it.

    Raises:
        SluicewayError: what the server or the engine says; SLW478, what it says is no document.
        click.Abort: whoever looks at it does not want it.
    """
    near = is_near()
    made = [] if near else ask(lambda client: _prepared(client, texts))
    for text, one in zip(texts, made, strict=False):
        if not _is_ours(text, one):
            _shown(one)
            if not yes:
                click.confirm("Sign this?", abort=True)
    for number, text in enumerate(texts):
        said = None if near else of_document(made[number].kind, made[number].name, made[number].document)
        proof = signed(said, key) if said else None
        done = _applied(text, proof)
        out(f"{done.kind} {done.name} {done.state}")


def prepared(text: str) -> Prepared:
    """What one text would be registered as. Raises like `apply_texts`."""
    return ask(lambda client: client.registrations.prepare(text))


def _applied(text: str, proof: SignedStep | None) -> Applied:
    return ask(lambda client: client.registrations.apply(text, proof))


async def _prepared(client: Client, texts: Sequence[str]) -> list[Prepared]:
    return [await client.registrations.prepare(text) for text in texts]


def _is_ours(text: str, made: Prepared) -> bool:
    """Whether this machine reads the same document out of the text; the thin client reads none."""
    if not has_engine():
        return False
    from workers.client.on_engine.registrations import document_of

    try:
        ours = document_of(text)
    except DefinitionError:  # of another version: it is shown
        return False
    return (ours.kind, ours.name, ours.text) == (made.kind, made.name, made.document)


def _shown(made: Prepared) -> None:
    try:
        document = json.loads(made.document)
        if (document["kind"], document["name"]) != (made.kind, made.name):
            raise ValueError(f"what it calls {made.kind} {made.name} is another document")
        lines = json.dumps(document, indent=2)
    except (ValueError, KeyError, TypeError, RecursionError) as odd:
        raise SluicewayError("SLW478", "the server's answer cannot be understood", why=str(odd)[:300]) from odd
    out(f"{made.kind} {made.name} ({made.state}), as it would be registered:")
    out_lines(lines)
