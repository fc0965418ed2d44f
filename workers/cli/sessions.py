"""session, token: how people and machines are in."""

from __future__ import annotations

import click

from domain.core.errors import DefinitionError
from domain.core.values import duration_s
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, rows, when
from workers.views.output import out


@click.group()
def session() -> None:
    """See and end logins."""


@session.command("list")
@click.argument("person", default="")
@as_json
def sessions(person: str, json_: bool) -> None:
    """List your logins, or those of PERSON."""
    found = ask(lambda client: client.access.sessions(person))
    if json_:
        print_json(found)
        return
    table = [
        (one.id, one.person, one.address, f"seen {when(one.seen_at)}", "this one" if one.current else "")
        for one in found
    ]
    rows(table, "nobody is logged in")


@session.command("end")
@click.argument("id_", metavar="SESSION")
def end(id_: str) -> None:
    """End a login at once."""
    ask(lambda client: client.access.end_session(id_))
    out(f"{id_} is ended")


@click.group()
def token() -> None:
    """Make, list and revoke machine tokens."""


@token.command("list")
@limited
@as_json
def tokens(limit: int, json_: bool) -> None:
    """List them, without their secrets."""
    found = pages(limit, lambda client, page: client.access.tokens(page))
    if json_:
        print_json(found)
        return
    table = [(one.id, one.label, one.owner, ", ".join(one.actions), f"until {when(one.expires_at)}") for one in found]
    rows(table, "there is no token")


@token.command("create")
@click.argument("label")
@click.option("--action", "actions", multiple=True, required=True, help="Such as runs:read; repeatable.")
@click.option("--resource", "resources", multiple=True, required=True, help="Such as project:default; repeatable.")
@click.option("--for", "for_", default="30d", show_default=True, metavar="DURATION", help="Ends after so long.")
def create(label: str, actions: tuple[str, ...], resources: tuple[str, ...], for_: str) -> None:
    """Make a token with at most your rights. Its secret is printed once, on standard output alone."""
    try:
        lasts = duration_s(for_)
    except ValueError as wrong:
        raise DefinitionError("SLW501", f"'{for_}' is no duration", why=str(wrong)) from wrong
    made, secret = ask(lambda client: client.access.create_token(label, actions, resources, lasts))
    out(f"token {made.id} of {made.owner} until {when(made.expires_at)}", err=True)
    out(secret)


@token.command("revoke")
@click.argument("id_", metavar="TOKEN")
def revoke(id_: str) -> None:
    """End a token at once."""
    ask(lambda client: client.access.revoke_token(id_))
    out(f"{id_} is revoked")
