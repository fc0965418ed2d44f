"""decision, decide: decisions that are signed here to be sent by hand, or signed elsewhere to be sent from here."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import click

from domain.approvals.request import Decision, signed_text
from domain.approvals.untrusted import from_text
from domain.core.errors import RefusedError
from workers.cli.approvals import (
    as_whom,
    asked,
    comment_option,
    job_option,
    key_option,
    name_argument,
    need_seen,
    sent,
    show,
    signed_by,
    signer,
    tell,
)
from workers.cli.session import ask, is_near, named
from workers.cli.shown import as_json, print_json
from workers.client.ports.approvals import ApprovalDetails
from workers.views.output import out, out_stream
from workers.views.rows import plain

says = click.option("--approve/--reject", "approve_", default=None, required=True)
lasts = click.option("--lifetime", default=600, show_default=True, help="Seconds until the signature expires.")


@click.group()
def decision() -> None:
    """See what a decision is about; sign one for the Temporal UI or CLI, or with a key of your own."""


@decision.command("sign")
@name_argument
@job_option
@as_whom
@key_option
@says
@comment_option
@lasts
def sign(name: str, job: str, who: str, key: Path | None, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the JSON for the Temporal UI (Send a Signal), and on standard error how it is sent."""
    from workers.remote.signing import decision_on

    person = signer(who)
    found = ask(lambda client: asked(client, name, job))
    made = signed_by(person, key, decision_on(found, person, approve_, comment, lifetime))
    out(json.dumps(plain(made)))
    out(_how_to_send(found, "approve" if approve_ else "reject"), err=True)


def _how_to_send(found: ApprovalDetails, signal: str) -> str:
    if not is_near():
        return f"send it as the signal {signal} in {named()}{found.temporal}"
    from workers.core.settings import current

    address = current().temporal_address()
    return f"temporal workflow signal --address {address} -w {found.row.id} --name {signal} -i 'THE JSON'"


@decision.command("show")
@name_argument
@job_option
@as_json
def show_(name: str, job: str, json_: bool) -> None:
    """Show what an approval is about: changes, deployments beside what is live, artifacts, gates, the rule."""
    found = ask(lambda client: asked(client, name, job))
    need_seen(found)
    if json_:
        print_json(found)
    else:
        show(found)


@decision.command("text")
@name_argument
@job_option
@as_whom
@says
@comment_option
@lasts
def text(name: str, job: str, who: str, approve_: bool, comment: str, lifetime: int) -> None:
    """Print the text to sign with a program of your own, such as `ssh-keygen -Y sign -n sluiceway-decision`."""
    from workers.remote.signing import decision_on

    found = ask(lambda client: asked(client, name, job))
    out_stream(signed_text(decision_on(found, signer(who), approve_, comment, lifetime)))


@click.command()
@name_argument
@job_option
@click.option("--signature", required=True, metavar="FILE", help="From `ssh-keygen -Y sign`, or the bytes of openssl.")
@click.option(
    "--text", "text_", default="", metavar="FILE", help="What was signed.  [default: FILE without its ending]"
)
def decide(name: str, job: str, signature: str, text_: str) -> None:
    """Send a decision that was signed with a program of your own. Exit code 3 when it does not count."""
    made = signed_elsewhere(Path(signature), Path(text_) if text_ else Path(signature).with_suffix(""))
    found = ask(lambda client: asked(client, name, job))
    tell(found, sent(found, made))


def signed_elsewhere(signature: Path, text: Path) -> Decision:
    """The decision in a text, with the signature of a file.

    Raises:
        RefusedError: SLW025, a file cannot be read, or is no such text or signature.
    """
    try:
        made, data = from_text(text.read_bytes()), signature.read_bytes()
    except (OSError, ValueError) as wrong:
        fix = "sluiceway decision text RUN --approve > d; ssh-keygen -Y sign -f KEY -n sluiceway-decision d"
        raise RefusedError("SLW025", f"{text} and {signature} are no decision", why=str(wrong), fix=fix) from wrong
    packed = _armoured(data) if data.startswith(b"-----BEGIN") else base64.b64encode(data)
    return replace(made, signature=packed.decode("ascii", "replace"), request_id=sha256(packed).hexdigest()[:16])


def _armoured(data: bytes) -> bytes:
    """The Base64 of an armoured SSH signature; whoever verifies it looks at what it is."""
    return b"".join(line for line in data.splitlines() if not line.startswith(b"-----"))
