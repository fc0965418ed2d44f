"""identity: who may decide. The engine knows public keys, groups and roles; each person keeps the private key."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core import names
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.core.values import number
from workers.cli.common import as_json, print_json, records
from workers.cli.identity_emails import email
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.access.identity_store import Identity

own_key = click.option(
    "--public-key", default="", metavar="FILE|-", help="Take this public key (PEM or OpenSSH) instead of making one."
)


@click.group("identity")
def identity_() -> None:
    """Manage the identities that may approve.

    The private key stays with the person (SLUICEWAY_KEYS, by default ~/.config/sluiceway/keys); the engine stores the
    public key, groups and roles.
    """


@identity_.command("add")
@click.argument("name")
@click.option("--group", "groups", multiple=True)
@click.option("--role", "roles", multiple=True)
@click.option("--email", "emails", multiple=True, help="An address of NAME in commits; repeatable.")
@own_key
@recorded(Action.PEOPLE_WRITE, ResourceKind.PERSON, "name")
def add(name: str, groups: tuple[str, ...], roles: tuple[str, ...], emails: tuple[str, ...], public_key: str) -> None:
    """Register NAME with a new key, or with a public key; of a known identity, change the groups and roles."""
    from activities.access import identities, public_keys
    from activities.access.addresses import Addresses
    from workers.core.registering import registrar

    if not names.is_person(name):
        raise DefinitionError(
            "SLW506", f"'{name}' is not a valid identity name", fix="use letters, digits, and . _ @ -"
        )
    chosen = current()
    kept = records(chosen)
    store, addresses = kept.identities, Addresses(kept.definitions, kept.identities)
    addresses.check(name, *emails)
    known = store.get(name)
    if known is None and (alike := [one.name for one in store.all() if names.looks_like(one.name, name)]):
        fix = "two people that read alike approve as one: choose a name that differs in a letter or digit"
        raise DefinitionError("SLW506", f"{name!r} reads like {alike[0]!r}", fix=fix)
    if known is not None:
        if public_key and not public_keys.same(_read(public_key), known.public_key):
            fix = f"sluiceway identity rotate {name} --public-key {public_key}"
            raise RefusedError("SLW020", f"identity '{name}' has a key already, and keeps it", fix=fix)
        if groups or roles or not emails:
            known = replace(known, groups=groups, roles=roles)
        made = known
    elif public_key:
        from activities.access.identity_store import Identity

        made = Identity(name, _read(public_key), groups, roles)
    else:
        made = identities.create(_folder(chosen), name, groups, roles)
    told = registrar(chosen, kept)
    told.person(made)
    told.give(name, *emails)
    out(f"{name}: groups {', '.join(made.groups) or '-'}, roles {', '.join(made.roles) or '-'}, key {made.public_key}")


def _read(file: str) -> str:
    """A public key that somebody hands in, in its registered form."""
    from activities.access import public_keys

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as wrong:
        raise RefusedError("SLW024", f"{file} cannot be read as a public key", why=str(wrong)) from wrong
    return public_keys.kept_form(text)


def _folder(chosen: Settings) -> Path:
    """The person's own folder; one inside the engine's home is within reach of what the engine runs."""
    if chosen.keys.resolve().is_relative_to(chosen.home.resolve()):
        warning = f"warning: {chosen.keys} lies in the engine's home; set SLUICEWAY_KEYS to a folder of your own"
        out(warning, err=True)
    return chosen.keys


def me() -> str:
    """The login name; imported lazily, so that the command line starts fast."""
    from workers.client import deliveries

    return deliveries.me()


as_login = click.option("--as", "who", default=me, help="Identity whose key signs.  [default: your login]")


def key_folder(chosen: Settings, who: str) -> Path:
    """Where the key of a person is: in their folder, or in the engine's home, as earlier versions left it."""
    from activities.access.private_keys import file_of

    old = file_of(chosen.identities, who)
    if file_of(chosen.keys, who).exists() or not old.exists():
        return chosen.keys
    out(f"{old} lies in the engine's home; `sluiceway identity move-keys` moves it to {chosen.keys}", err=True)
    return chosen.identities


def _registered(name: str) -> Identity:
    known = records(current()).identities.get(name)
    if known is None:
        raise SluicewayError("SLW876", f"no identity '{name}' is registered", fix="sluiceway identity list")
    return known


@identity_.command("remove")
@click.argument("name")
@recorded(Action.PEOPLE_WRITE, ResourceKind.PERSON, "name")
def remove(name: str) -> None:
    """Remove NAME, and its key where it is yours: it may decide no more; its decisions on open approvals are void."""
    from activities.access import private_keys
    from workers.client.people import forget
    from workers.core.registering import registrar

    chosen, known = current(), _registered(name)
    registrar(chosen, records(chosen)).remove(known.name)
    forget(records(chosen), known.name)
    for folder in (chosen.keys, chosen.identities):
        private_keys.forget(folder, known.name, known.public_key)
    out(f"{name} is removed; its decisions on approvals that are still open, and on reruns, no longer count")


@identity_.command("rotate")
@click.argument("name")
@own_key
@recorded(Action.KEYS_ENROL, ResourceKind.PERSON, "name")
def rotate(name: str, public_key: str) -> None:
    """Replace the key of NAME: decisions signed with the old one are void where nothing is granted yet."""
    from activities.access import identities, private_keys
    from workers.core.registering import registrar

    chosen, known = current(), _registered(name)
    if public_key:
        made = replace(known, public_key=_read(public_key))
    else:
        made = identities.rotate(_folder(chosen), known)
        private_keys.forget(chosen.identities, known.name, known.public_key)
    registrar(chosen, records(chosen)).person(made)
    out(f"{name}: new key {made.public_key}; decisions signed with the old one no longer count")


@identity_.command("move-keys")
@recorded(Action.KEYS_ENROL)
def move_keys() -> None:
    """Move the private keys that an earlier version left in the engine's home to your own folder."""
    from activities.access import private_keys

    chosen = current()
    moved = private_keys.move(chosen.identities, _folder(chosen))
    names = f": {', '.join(moved)}" if moved else ""
    out(f"{number(len(moved), 'key')} moved to {chosen.keys}{names}")


@identity_.command("list")
@as_json
def list_(json_: bool) -> None:
    """List identities with their groups and roles."""
    known = records(current()).identities.all()
    if json_:
        print_json([asdict(one) for one in known])
        return
    for one in known:
        out(f"{one.name:<24} groups {', '.join(one.groups) or '-'}; roles {', '.join(one.roles) or '-'}")


identity_.add_command(email)
