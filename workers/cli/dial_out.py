"""dial-out, and cluster manifest: the worker in a cluster that nobody reaches from outside."""

from __future__ import annotations

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


@click.command("dial-out")
@click.argument("name")
@click.option("--token-file", type=click.Path(path_type=Path), help=f"File with its token.  [default: ${TOKEN}]")
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="[default: the service account of this pod]")
@click.option("--context", default="", help="Context of the kubeconfig.  [default: its current context]")
@click.option(
    "--health-port", type=click.IntRange(0, 65_535), default=0, help="Answers /livez and /readyz.  [default: none]"
)
def dial_out(name: str, token_file: Path | None, kubeconfig: Path | None, context: str, health_port: int) -> None:
    """Run the worker in cluster NAME, which dials out, in the foreground.

    It needs the address of the server (--server, or SLUICEWAY_SERVER) and a token of this cluster, and nothing else of
    the engine: no database, no key, and no Temporal server.
    """
    from domain.clusters.access import IN_CLUSTER, Access
    from workers.dialling.main import Post, main

    origin = named()
    if not origin:
        raise SluicewayError("SLW476", "no server is named", fix="--server URL, or SLUICEWAY_SERVER")
    reference = f"file:{kubeconfig.resolve()}" if kubeconfig else IN_CLUSTER
    access = Access(reference, context)
    main(Post(cluster=name, origin=origin, token=lambda: _token(token_file), access=access, health_port=health_port))


def _token(file: Path | None) -> str:
    try:
        found = (file.read_text() if file else os.environ.get(TOKEN, "")).strip()
    except OSError as broken:
        raise SluicewayError("SLW476", f"the token in {file} cannot be read", why=str(broken)[:200]) from broken
    if not found or not found.isascii():
        raise SluicewayError("SLW476", "there is no token", fix=f"--token-file FILE, or {TOKEN}")
    return found


async def _made(client: Client, name: str, lasts_s: float) -> tuple[TokenRow, str]:
    """A token of exactly this cluster, and its secret."""
    if not (await client.fleets.cluster(name)).row.dials_out:
        fix = f"sluiceway cluster register {name} --dials-out"
        raise RefusedError("SLW979", f"cluster {name} does not dial out", fix=fix)
    return await client.access.create_token(f"worker in {name}", ("clusters:report",), (f"cluster:{name}",), lasts_s)


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
def manifest(
    name: str,
    image: str,
    namespace: str,
    url: str,
    ca_file: Path | None,
    apis: tuple[str, ...],
    priority_class: str,
    for_: str,
) -> None:
    """Make a token for the worker in cluster NAME, and print what to apply there. The token is in it, once.

    The cluster is registered with --dials-out. The token counts for exactly this cluster, for telling what is in it.
    """
    from domain.inventory.dial_out_manifest import NAMESPACE, Wanted, objects
    from workers.remote.origin import origin_of

    try:
        lasts = duration_s(for_)
    except ValueError as wrong:
        raise DefinitionError("SLW501", f"'{for_}' is no duration", why=str(wrong)) from wrong
    origin = origin_of(url) if url else server_of()[0]
    authority, reached = _authority(ca_file), _endpoints(apis)
    made, secret = ask(lambda client: _made(client, name, lasts))
    where = Wanted(cluster=name, server=origin, token=secret, image=image, namespace=namespace or NAMESPACE)
    wanted = replace(where, authority=authority, apis=reached, priority_class=priority_class)
    out(f"token {made.id} of {made.owner} until {when(made.expires_at)}", err=True)
    out_lines(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(wanted)}, indent=2))
