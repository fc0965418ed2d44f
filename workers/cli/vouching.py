"""people invite, confirm, key: by hand in a home of one's own, and signed with one's key at a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import click

from workers.cli.session import is_near, vouch
from workers.cli.shown import as_json, print_json, rows
from workers.views.output import out

if TYPE_CHECKING:
    from workers.client.logins.home import HomeLogins

MOST_LINE = 20_000


@contextmanager
def logins_here() -> Iterator[HomeLogins]:
    """Of this home, for its owner."""
    from workers.client.logins.home import open_logins
    from workers.core.settings import current

    with open_logins(current()) as found:
        yield found


@click.command("invite")
@click.argument("name")
@click.option("--group", "groups", multiple=True, help="That counts in approvals; repeatable.")
@click.option("--role", "roles", multiple=True, help="Such as administrator, whose key vouches for others'.")
def invite(name: str, groups: tuple[str, ...], roles: tuple[str, ...]) -> None:
    """Make a one-time link for NAME: it logs in once, within a day, and registers a first key.

    At a server your key signs the invitation.
    """
    if is_near():
        with logins_here() as home:
            link = home.invite(name, groups, roles)
    else:
        link = vouch(lambda one: one.invite(name, groups, roles))
    out(link)
    out(f"{name} opens it once, within a day. Nobody else may see it.")


@click.command("confirm")
@click.argument("name")
@click.option("--key", "fingerprint", default="", metavar="FINGERPRINT", help="Ask nothing: it is this key.")
def confirm(name: str, fingerprint: str) -> None:
    """Say that a first key is NAME's, once they have read its fingerprint to you: until then it signs no approval of
    an environment with `keys: confirmed`. At a server your key signs that, and --key is needed.
    """
    if not is_near():
        if not fingerprint:
            raise click.UsageError("Say which key: --key FINGERPRINT, as its owner reads it to you.")
        vouch(lambda one: one.confirm(name, fingerprint))
        out(f"confirmed: {fingerprint} is {name}'s")
        return
    with logins_here() as home:
        waiting = [one.fingerprint for one in home.unconfirmed(name)]
        if not fingerprint and not waiting:
            out(f"{name} has no key that waits")
        for one in [fingerprint] if fingerprint else waiting:
            if fingerprint or click.confirm(f"{one}: does {name} read the same?"):
                home.confirm(name, one)
                out(f"confirmed: {one} is {name}'s")


@click.group("key")
def key() -> None:
    """See, add and remove your own keys at a server."""


@key.command("list")
@as_json
def keys(json_: bool) -> None:
    """List them, as the signer knows them."""
    found = vouch(lambda one: one.keys())
    if json_:
        print_json(found)
        return
    table = [(one.fingerprint, one.kind, one.label, "" if one.confirmed else "not confirmed") for one in found]
    rows(table, "there is no key")


@key.command("add")
@click.argument("public", type=click.File("r"))
@click.option("--label", default="", help="What you call it.")
def add(public: IO[str], label: str) -> None:
    """Register the key of PUBLIC, such as id_ed25519.pub: the key of your login vouches for it."""
    line = public.read(MOST_LINE)
    vouch(lambda one: one.add(line, label))
    out("registered; it counts as the key that vouched for it")


@key.command("remove")
@click.argument("fingerprint")
def remove(fingerprint: str) -> None:
    """Say that a key of yours counts no more."""
    vouch(lambda one: one.lose(fingerprint))
    out(f"{fingerprint} counts no more")
