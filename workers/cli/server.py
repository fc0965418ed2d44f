"""server"""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--listen", default="127.0.0.1:0", show_default=True, metavar="ADDRESS:PORT")
@click.option(
    "--url", default="", help="Origin that people's browsers show.  [default: http://sluiceway.localhost:PORT]"
)
@click.option("--tls-cert", type=FILE, default=None, help="PEM file: the certificate and its chain.")
@click.option("--tls-key", type=FILE, default=None, help="PEM file: its private key.")
@click.option("--trusted-proxy", default="", metavar="ADDRESS", help="The one proxy that ends TLS before this server.")
def server(listen: str, url: str, tls_cert: Path | None, tls_key: Path | None, trusted_proxy: str) -> None:
    """Serve the console and the API in the foreground: for other people, or beside the server that `up` starts.

    Beyond this machine it listens only with TLS: its own, or that of one proxy that is named by its address.
    """
    from workers.api.main import Options, serve

    serve(Options(listen=listen, url=url, tls_cert=tls_cert, tls_key=tls_key, trusted_proxy=trusted_proxy))
