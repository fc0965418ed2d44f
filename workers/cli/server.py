"""server"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from workers.api.options import Options

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--listen", default="127.0.0.1:0", show_default=True, metavar="ADDRESS:PORT")
@click.option(
    "--url", default="", help="Origin that people's browsers show.  [default: http://sluiceway.localhost:PORT]"
)
@click.option("--tls-cert", type=FILE, default=None, help="PEM file: the certificate and its chain.")
@click.option("--tls-key", type=FILE, default=None, help="PEM file: its private key.")
@click.option("--trusted-proxy", default="", metavar="ADDRESS", help="The one proxy that ends TLS before this server.")
@click.option("--check", is_flag=True, help="Print what is weak about it, and start nothing.")
@click.pass_context
def server(
    ctx: click.Context,
    listen: str,
    url: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    trusted_proxy: str,
    *,
    check: bool,
) -> None:
    """Serve the console and the API in the foreground: for other people, or beside the server that `up` starts.

    Beyond this machine it listens only with TLS: its own, or that of one proxy that is named by its address.
    """
    from workers.api.options import Options, entrance_of

    options = Options(listen=listen, url=url, tls_cert=tls_cert, tls_key=tls_key, trusted_proxy=trusted_proxy)
    if check:
        ctx.exit(_check(options))
    entrance_of(options)

    from workers.api.main import serve

    serve(options)


def _check(options: Options) -> int:
    """1: something is to be done."""
    from workers.api.checking import checked
    from workers.api.options import entrance_of

    entrance = entrance_of(options)
    found = checked(current(), entrance, options.tls_cert, options.tls_key)
    out(f"{entrance.url}, listening on {options.listen}")
    for one in found:
        out(f"  {'weak' if one.weak else 'note'}  {one.text}")
    return 1 if any(one.weak for one in found) else 0
