"""identity email: the addresses by which the people of a change are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.errors import SluicewayError
from workers.cli.common import records
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.access.addresses import Addresses
    from activities.access.registrar import Registrar


@click.group("email")
def email() -> None:
    """Manage the addresses that an identity owns.

    Authors, co-authors and committers of a change are known by them; LOGIN@localhost is a user of this machine.
    """


@email.command("add")
@click.argument("name")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@recorded(Action.PEOPLE_WRITE, ResourceKind.PERSON, "name")
def add(name: str, addresses: tuple[str, ...]) -> None:
    """Give addresses to NAME. An address belongs to one identity."""
    known = _known(name)
    _registrar().give(name, *addresses)
    out(f"{name}: {', '.join(known.of(name))}")


@email.command("remove")
@click.argument("name")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@recorded(Action.PEOPLE_WRITE, ResourceKind.PERSON, "name")
def remove(name: str, addresses: tuple[str, ...]) -> None:
    """Take addresses from NAME."""
    known = _known(name)
    _registrar().take(name, *addresses)
    out(f"{name}: {', '.join(known.of(name)) or 'no address'}")


def _known(name: str) -> Addresses:
    from activities.access.addresses import Addresses

    known = records(current())
    if known.identities.get(name) is None:
        raise SluicewayError("SLW876", f"no identity '{name}' is registered", fix="sluiceway identity list")
    return Addresses(known.definitions, known.identities)


def _registrar() -> Registrar:
    from workers.core.registering import registrar

    return registrar(current(), records(current()))
