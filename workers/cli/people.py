"""people: who is known, and on the host: who is invited, and which providers and issuers are believed."""

from __future__ import annotations

import sys

import click

from domain.access.actions import Action
from domain.core.errors import SluicewayError
from workers.cli.common import as_json, print_json
from workers.cli.far.people import people as far_people
from workers.cli.far.vouching import logins_here
from workers.cli.recorded import recorded
from workers.views.output import out

MOST_PASSWORD = 1_000


@click.group("people", commands=dict(far_people.commands))
def people() -> None:
    """See people, invite them, and say which identity providers and issuers are believed."""


@people.command("attribute")
@click.argument("name")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
def attribute(name: str, pairs: tuple[str, ...]) -> None:
    """Set what policies know of NAME, such as department=payments; without any, nothing is known."""
    with logins_here() as home:
        home.set_attributes(name, pairs)
    out(f"{name}: {', '.join(pairs) or 'nothing is known'}")


@people.command("password")
@click.argument("name")
def password(name: str) -> None:
    """Give NAME a password, which is asked for or read from standard input: only for who can have no key."""
    asked = click.prompt("password", hide_input=True, confirmation_prompt=True) if sys.stdin.isatty() else ""
    given = asked or sys.stdin.read(MOST_PASSWORD).rstrip("\n")
    with logins_here() as home:
        home.set_password(name, given)
    out(f"{name} logs in by a password, until a key is registered")


@people.group("provider")
def provider() -> None:
    """Identity providers (OpenID Connect)."""


@provider.command("add")
@click.argument("name")
@click.option("--issuer", required=True, metavar="URL")
@click.option("--client-id", required=True)
@click.option("--secret-from", default="", metavar="env:NAME|file:PATH", help="Empty: a public client.")
@click.option("--label", default="", help="What the login page says.")
@click.option("--groups-claim", default="groups", show_default=True)
@click.option("--scope", "scopes", multiple=True, help="Beside openid.  [default: profile, email]")
@click.option("--admit", is_flag=True, help="Whoever logs in there becomes a person here, without any right.")
@click.option("--second-factor", is_flag=True, help="Each login there is one; else its `amr` says so.")
@recorded(Action.PEOPLE_WRITE)
def add_provider(name: str, admit: bool, scopes: tuple[str, ...], label: str, **given: str) -> None:
    """Register a provider as NAME. Its document and keys are asked for at once."""
    from domain.access.oidc import IdentityProvider

    wanted = IdentityProvider(
        name=name,
        label=label or name,
        admits=admit,
        scopes=("openid", *(scopes or ("profile", "email"))),
        **given,  # type: ignore[arg-type]
    )
    with logins_here() as home:
        back = home.add_provider(wanted)
    out(f"{name} is registered; its redirect URI is {back}")


@provider.command("list")
@as_json
def list_providers(json_: bool) -> None:
    """List them."""
    with logins_here() as home:
        found = [vars(one) for one in home.logins.providers.store.all()]
    if json_:
        print_json(found)
        return
    for one in found:
        out(f"{one['name']:<16} {one['issuer']}  client {one['client_id']}")


@provider.command("check")
@click.argument("name")
def check_provider(name: str) -> None:
    """Ask a provider for its document and keys."""
    with logins_here() as home:
        found = home.check_provider(name)
    out(f"{name} answers: {found}")


@provider.command("remove")
@click.argument("name")
@recorded(Action.PEOPLE_WRITE)
def remove_provider(name: str) -> None:
    """Nobody logs in by NAME any more; its people stay."""
    with logins_here() as home:
        home.logins.providers.store.remove(name)
    out(f"{name} is removed")


@people.group("trust")
def trust() -> None:
    """Issuers whose jobs get tokens of minutes (workload identity)."""


@trust.command("add")
@click.argument("name")
@click.option("--issuer", required=True, metavar="URL")
@click.option("--audience", default="", help="[default: this server's URL]")
@click.option("--subject", required=True, help="repo:acme/shop:ref:refs/heads/*")
@click.option("--owner", required=True, help="The person whose rights bound it.")
@click.option("--action", "actions", multiple=True, required=True, help="Such as runs:start; repeatable.")
@click.option("--resource", "resources", multiple=True, required=True, help="Such as pipeline:shop; repeatable.")
@click.option("--jwks", default="", metavar="URL", help="Its keys.  [default: as its document says]")
@recorded(Action.PEOPLE_WRITE)
def add_trust(name: str, actions: tuple[str, ...], resources: tuple[str, ...], **given: str) -> None:
    """Trust jobs of SUBJECT, as their issuer's JWT says, with at most OWNER's rights."""
    from domain.access import scope
    from domain.access.workload import Trust

    if wrong := scope.complaints(actions, resources):
        raise SluicewayError("SLW432", "this issuer is not trusted", why="; ".join(wrong))
    with logins_here() as home:
        home.add_trust(Trust(name=name, scope=scope.asked(actions, resources), **given))
    out(f"{name} is trusted: its jobs exchange their JWT at /api/v1/login/workload")


@trust.command("list")
@as_json
def list_trusts(json_: bool) -> None:
    """List them."""
    with logins_here() as home:
        found = [*home.logins.workloads.all()]
    if json_:
        scopes = {"actions", "resources"}
        print_json([{**vars(one), "scope": {key: sorted(getattr(one.scope, key)) for key in scopes}} for one in found])
        return
    for one in found:
        out(f"{one.name:<16} {one.subject}  of {one.issuer}, as {one.owner}")


@trust.command("remove")
@click.argument("name")
@recorded(Action.PEOPLE_WRITE)
def remove_trust(name: str) -> None:
    """NAME is trusted no more; tokens that it gave end within fifteen minutes."""
    with logins_here() as home:
        home.logins.workloads.remove(name)
    out(f"{name} is removed")


@click.command("recover")
@click.argument("name")
@click.option("--keep-keys", is_flag=True, help="The old keys go on counting: none was lost to somebody else.")
def recover(name: str, keep_keys: bool) -> None:
    """Let an administrator in again who lost every key: on the host, by whoever owns the home. The audit says so."""
    with logins_here() as home:
        link = home.recover(name, keep_keys=keep_keys)
    out(link)
    out(f"{name} opens it once, within a day, and registers a new key.")
    if not keep_keys:
        out("the old keys, logins, tokens and links count no more")
