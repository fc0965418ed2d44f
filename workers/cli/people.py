"""people: who is known, invited and locked out; on the host, which providers and issuers are believed."""

from __future__ import annotations

import sys

import click

from domain.access.actions import Action
from domain.core.errors import SluicewayError
from workers.cli import vouching
from workers.cli.host import on_host
from workers.cli.recorded import recorded
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, rows
from workers.cli.vouching import logins_here
from workers.views.output import out

MOST_PASSWORD = 1_000


@click.group("people")
def people() -> None:
    """See people, invite them, and say which identity providers and issuers are believed."""


for _one in (vouching.invite, vouching.confirm, vouching.key):
    people.add_command(_one)


@people.command("list")
@limited
@as_json
def list_(limit: int, json_: bool) -> None:
    """List them by name, with their groups and keys."""
    found = pages(limit, lambda client, page: client.access.people(page))
    if json_:
        print_json(found)
        return
    table = [
        (
            one.name,
            ", ".join(one.groups) or "-",
            ", ".join(key.kind for key in one.keys) or "no key",
            _state(one.disabled),
        )
        for one in found
    ]
    rows(table, "nobody is registered")


def _state(disabled: bool) -> str:
    return "disabled" if disabled else ""


@people.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """NAME is out at once: logins, tokens and links end, and nothing new begins. `enable` undoes it."""
    ask(lambda client: client.access.set_disabled(name, True))
    out(f"{name} is disabled: logins and links are ended, tokens count no more")


@people.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """NAME may log in again."""
    ask(lambda client: client.access.set_disabled(name, False))
    out(f"{name} may log in again")


@people.command("attribute")
@click.argument("name")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@on_host
def attribute(name: str, pairs: tuple[str, ...]) -> None:
    """Set what policies know of NAME, such as department=payments; without any, nothing is known."""
    with logins_here() as home:
        home.set_attributes(name, pairs)
    out(f"{name}: {', '.join(pairs) or 'nothing is known'}")


@people.command("password")
@click.argument("name")
@on_host
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
@on_host
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
@on_host
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
@on_host
def check_provider(name: str) -> None:
    """Ask a provider for its document and keys."""
    with logins_here() as home:
        found = home.check_provider(name)
    out(f"{name} answers: {found}")


@provider.command("remove")
@click.argument("name")
@on_host
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
@on_host
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
@on_host
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
@on_host
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
