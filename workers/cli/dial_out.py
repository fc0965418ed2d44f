"""dial-out, and cluster manifest: the worker in a cluster that nobody reaches from outside."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.core.values import duration_s
from workers.cli.session import TOKEN, ask, named, server_of
from workers.cli.shown import when
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.inventory.dial_out_network import Endpoint
    from workers.client.ports.access import TokenRow
    from workers.client.ports.client import Client


KEY_BYTES = 32
"""Of a public key of Ed25519."""
LEVEL = click.option(
    "--may",
    type=click.Choice(("watch", "read", "act")),
    default="watch",
    show_default=True,
    help="Tell what is in it; answer for single objects and logs, too; or do what is permitted, too.",
)


@click.command("dial-out")
@click.argument("name")
@click.option("--token-file", type=click.Path(path_type=Path), help=f"File with its token.  [default: ${TOKEN}]")
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="[default: the service account of this pod]")
@click.option("--context", default="", help="Context of the kubeconfig.  [default: its current context]")
@click.option(
    "--health-port", type=click.IntRange(0, 65_535), default=0, help="Answers /livez and /readyz.  [default: none]"
)
@LEVEL
@click.option("--permits-key", default="", metavar="KEY", help="Of the signer whose permits count, in Base64.")
@click.option("--impersonate", is_flag=True, help="People act in the cluster as sluiceway:NAME.")
def dial_out(
    name: str,
    token_file: Path | None,
    kubeconfig: Path | None,
    context: str,
    health_port: int,
    may: str,
    permits_key: str,
    impersonate: bool,
) -> None:
    """Run the worker in cluster NAME, which dials out, in the foreground.

    It needs the address of the server (--server, or SLUICEWAY_SERVER) and a token of this cluster, and nothing else of
    the engine: no database, no key, and no Temporal server. With --may act it changes what the signer of --permits-key
    has permitted, and nothing else.
    """
    from domain.clusters.access import IN_CLUSTER, Access
    from domain.inventory.dialled import May
    from workers.dialling.hands import Let
    from workers.dialling.main import Post, main

    origin = named()
    if not origin:
        raise SluicewayError("SLW476", "no server is named", fix="--server URL, or SLUICEWAY_SERVER")
    reference = f"file:{kubeconfig.resolve()}" if kubeconfig else IN_CLUSTER
    access = Access(reference, context)
    let = Let(may=May(may), key=_key(permits_key, needed=may == May.ACT), impersonate=impersonate)
    post = Post(cluster=name, origin=origin, token=lambda: _token(token_file), access=access)
    main(replace(post, let=let, health_port=health_port))


def _key(text: str, *, needed: bool) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError as wrong:
        raise DefinitionError("SLW501", "--permits-key is no Base64", why=str(wrong)) from wrong
    if len(found) != (KEY_BYTES if needed or text else 0):
        fix = "take it from what `sluiceway cluster manifest --may act` prints"
        raise DefinitionError("SLW501", f"--permits-key is no key of {KEY_BYTES} bytes", fix=fix)
    return found


def _token(file: Path | None) -> str:
    try:
        found = (file.read_text() if file else os.environ.get(TOKEN, "")).strip()
    except OSError as broken:
        raise SluicewayError("SLW476", f"the token in {file} cannot be read", why=str(broken)[:200]) from broken
    if not found or not found.isascii():
        raise SluicewayError("SLW476", "there is no token", fix=f"--token-file FILE, or {TOKEN}")
    return found


async def _made(client: Client, name: str, lasts_s: float, key: str, *, acts: bool) -> tuple[TokenRow, str, str]:
    """A token of exactly this cluster, its secret, and the key of the permits that count there."""
    if not (await client.fleets.cluster(name)).row.dials_out:
        fix = f"sluiceway cluster register {name} --dials-out"
        raise RefusedError("SLW979", f"cluster {name} does not dial out", fix=fix)
    if acts and not key:
        key = (await client.dial_outs.permits_key(name)).key
    made = await client.access.create_token(f"worker in {name}", ("clusters:report",), (f"cluster:{name}",), lasts_s)
    return *made, key


def _authority(file: Path | None) -> str:
    """Certificates of a file, without what else is in it: nobody's key goes into a cluster by mistake."""
    if file is None:
        return ""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as wrong:
        raise DefinitionError("SLW501", f"'{file}' has no certificate", why=str(wrong)[:200]) from wrong
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError as wrong:
        raise DefinitionError("SLW501", "--address is the IP address of the server", why=str(wrong)) from wrong


def _endpoints(texts: tuple[str, ...]) -> tuple[Endpoint, ...]:
    from domain.inventory.dial_out_network import endpoint_of

    try:
        return tuple(map(endpoint_of, texts))
    except ValueError as wrong:
        raise DefinitionError("SLW501", "--api is ADDRESS:PORT", why=str(wrong)) from wrong


@click.command("manifest")
@click.argument("name")
@click.option("--image", required=True, help="Image with this version's command line, which the cluster can pull.")
@click.option("--namespace", default="", help="Where the worker runs.  [default: sluiceway]")
@click.option("--url", default="", help="Of the server, as the cluster reaches it.  [default: as you reach it]")
@click.option(
    "--address", default="", metavar="IP", help="Of the server, for a cluster whose DNS does not know its name."
)
@click.option("--ca-file", type=click.Path(path_type=Path), help="The authority of the server's certificate, as PEM.")
@click.option(
    "--api",
    "apis",
    multiple=True,
    metavar="ADDRESS:PORT",
    help="Its API server, as pods reach it.  [default: ports 443 and 6443]",
)
@click.option("--priority-class", default="", help="Of its pod.")
@click.option("--for", "for_", default="90d", show_default=True, metavar="DURATION", help="How long its token counts.")
@LEVEL
@click.option(
    "--permits-key", default="", metavar="KEY", help="Whose permits count there.  [default: as the server says]"
)
@click.option("--impersonate", is_flag=True, help="People act in it as sluiceway:NAME, by the cluster's own RBAC.")
def manifest(
    name: str,
    image: str,
    namespace: str,
    url: str,
    address: str,
    ca_file: Path | None,
    apis: tuple[str, ...],
    priority_class: str,
    for_: str,
    may: str,
    permits_key: str,
    impersonate: bool,
) -> None:
    """Make a token for the worker in cluster NAME, and print what to apply there. The token is in it, once.

    The cluster is registered with --dials-out. The token counts for exactly this cluster, for telling what is in it.
    What the worker may do there, whoever applies it decides: with --may act it changes what this installation's signer
    has permitted, and checks each permit itself.
    """
    from domain.inventory.dial_out_manifest import NAMESPACE, Wanted, objects
    from domain.inventory.dialled import May
    from workers.remote.origin import origin_of

    try:
        lasts = duration_s(for_)
    except ValueError as wrong:
        raise DefinitionError("SLW501", f"'{for_}' is no duration", why=str(wrong)) from wrong
    if impersonate and may == May.WATCH:
        raise DefinitionError("SLW501", "--impersonate is for a worker with --may read or act")
    _key(permits_key, needed=False)
    origin = origin_of(url) if url else server_of()[0]
    authority, reached, at = _authority(ca_file), _endpoints(apis), _address(address)
    made, secret, key = ask(lambda client: _made(client, name, lasts, permits_key, acts=may == May.ACT))
    where = Wanted(cluster=name, server=origin, token=secret, image=image, namespace=namespace or NAMESPACE)
    let = replace(where, may=May(may), key=key, impersonate=impersonate)
    wanted = replace(let, authority=authority, address=at, apis=reached, priority_class=priority_class)
    if key:
        out(f"permits count by the key {key}: compare it with signer/public.json of the engine's home", err=True)
    out(f"token {made.id} of {made.owner} until {when(made.expires_at)}", err=True)
    out_lines(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(wanted)}, indent=2))
