"""decision, decide: decisions that are signed here to be sent by hand, or signed elsewhere to be sent from here."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core import ids as keys
from domain.core.digests import sha256
from domain.core.errors import RefusedError
from workers.cli import reviewing
from workers.cli.approvals import as_whom, asked_of, counted, job_option, request_of
from workers.cli.common import as_json, print_json, with_engine
from workers.cli.identities import key_folder
from workers.core.settings import current
from workers.views.output import out, out_stream

if TYPE_CHECKING:
    from domain.approvals.request import Decision
    from workers.client.client import Engine

says = click.option("--approve/--reject", "approve_", default=None, required=True)
lasts = click.option("--lifetime", default=600, show_default=True, help="Seconds until the signature expires.")


@click.group()
def decision() -> None:
    """See what a decision is about; sign one for the Temporal UI or CLI, or with a key of your own."""


@decision.command("sign")
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@says
@click.option("--comment", default="")
@lasts
def sign(name: str, job: str, who: str, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the JSON for the Temporal UI (Send a Signal), and on standard error the command that sends it."""
    chosen = current()

    async def signed(engine: Engine) -> tuple[str, Decision]:
        from workers.client import approvals

        owner, asked = await asked_of(engine, name, job)
        made = await approvals.sign(engine, owner, asked, who, approve_, comment, key_folder(chosen, who), lifetime)
        return keys.approval_id(owner, asked), made

    id_, made = with_engine(chosen, signed)
    out(json.dumps(asdict(made)))
    words = "approve" if approve_ else "reject"
    address = chosen.temporal_address()
    out(
        f"temporal workflow signal --address {address} -w {id_} --name {words} -i 'THE JSON'",
        err=True,
    )


@decision.command("show")
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_json
def show(name: str, job: str, json_: bool) -> None:
    """Show what an approval is about: changes, deployments beside what is live, artifacts, gates, the rule."""
    chosen = current()
    owner, view = request_of(name, job)
    review = reviewing.of(chosen, owner, view)
    if json_:
        print_json(reviewing.as_json(review, view))
    else:
        reviewing.show(review, view)


@decision.command("text")
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@as_whom
@says
@click.option("--comment", default="")
@lasts
def text(name: str, job: str, who: str, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the text to sign with a program of your own, such as `ssh-keygen -Y sign -n sluiceway-decision`."""
    from domain.approvals.request import signed_text

    async def made(engine: Engine) -> Decision:
        from workers.client import approvals

        owner, asked = await asked_of(engine, name, job)
        return await approvals.unsigned(engine, owner, asked, who, approve_, comment, lifetime)

    out_stream(signed_text(with_engine(current(), made)))


@click.command()
@click.argument("name", metavar="RUN|RELEASE")
@job_option
@click.option("--signature", required=True, metavar="FILE", help="From `ssh-keygen -Y sign`, or the bytes of openssl.")
@click.option(
    "--text", "text_", default="", metavar="FILE", help="What was signed.  [default: FILE without its ending]"
)
def decide(name: str, job: str, signature: str, text_: str) -> None:
    """Send a decision that was signed with a program of your own. Exit code 3 when it does not count."""
    made = signed_elsewhere(Path(signature), Path(text_) if text_ else Path(signature).with_suffix(""))

    async def sent(engine: Engine) -> None:
        owner, asked = await asked_of(engine, name, job)
        await counted(engine, owner, asked, made)

    with_engine(current(), sent)


def signed_elsewhere(signature: Path, text: Path) -> Decision:
    """The decision in a text, with the signature of a file.

    Raises:
        RefusedError: SLW025, a file cannot be read, or is no such text or signature.
    """
    from activities.access.ssh_signatures import from_armour
    from domain.approvals.untrusted import from_text

    try:
        made, data = from_text(text.read_bytes()), signature.read_bytes()
        packed = from_armour(data.decode()) if data.startswith(b"-----BEGIN") else base64.b64encode(data).decode()
    except (OSError, ValueError) as wrong:
        fix = "sluiceway decision text RUN --approve > d; ssh-keygen -Y sign -f KEY -n sluiceway-decision d"
        raise RefusedError("SLW025", f"{text} and {signature} are no decision", why=str(wrong), fix=fix) from wrong
    return replace(made, signature=packed, request_id=sha256(packed.encode())[:16])
