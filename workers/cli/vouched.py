"""What a command says to the signer, signed by the key of whoever is logged in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import RefusedError
from workers.cli.session import home_of, is_near, server_of

if TYPE_CHECKING:
    from domain.authority.registrations import Registration
    from workers.client.ports.policies import SignedStep

key_option = click.option("--key", type=click.Path(path_type=Path), help="Your ed25519 key.  [default: of the login]")
yes_option = click.option("--yes", is_flag=True, help="Sign what a server says it would register, without asking.")


def signed(said: Registration, key: Path | None) -> SignedStep | None:
    """None: in the home, whose owner needs no key in it.

    Raises:
        RefusedError: SLW871, the login has no key; as `load_key`.
    """
    if is_near():
        return None
    from workers.remote.signing import load_key, signed_statement

    origin, login = server_of()
    file = key or (Path(login.key) if login.key else None)
    if file is None:
        what = f"this {said.topic} is signed by a key of yours, and the login has none"
        raise RefusedError("SLW871", what, fix="--key FILE, or use the page")
    return signed_statement(load_key(file), said, home_of(origin, login))
