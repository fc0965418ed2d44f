"""What `sluiceway server --check` looks at."""

from __future__ import annotations

import getpass
import stat
import time
from pathlib import Path

from cryptography import x509
from sqlalchemy import select

from activities.access.credential_store import CREDENTIALS
from activities.access.grant_store import GrantStore
from domain.access.entrance import Entrance
from domain.access.resource import ENGINE
from domain.access.role import Role
from domain.access.weaknesses import Facts, Weakness, weaknesses
from domain.authority.hiding import Hiding
from domain.core.errors import DefinitionError, SluicewayError
from workers.client.audit_parts import untold
from workers.core.keyring import Keyring
from workers.core.records import Records, open_records
from workers.core.settings import Settings
from workers.engine import embedded

PASSWORD = "password"


def checked(settings: Settings, entrance: Entrance, cert: Path | None, key: Path | None) -> tuple[Weakness, ...]:
    """What is weak about a server that would start so.

    Raises:
        DefinitionError: SLW459, the certificate cannot be read.
        SluicewayError: the records cannot be opened.
    """
    records = open_records(settings)
    try:
        return weaknesses(entrance, _facts(settings, records, cert, key), time.time())
    finally:
        records.close()


def _facts(settings: Settings, records: Records, cert: Path | None, key: Path | None) -> Facts:
    ends, names = certificate_of(cert) if cert else (None, ())
    embedded_ = not settings.address
    return Facts(
        user=_user(),
        embedded=embedded_,
        temporal_open=embedded.open_to_others(settings) if embedded_ and embedded.is_up(settings) else "",
        encrypted=_encrypted(settings),
        shared_records=bool(settings.records_url),
        key_readers=readers_of(key) if key else "",
        certificate_ends=ends,
        certificate_names=names,
        administrators=_administrators(records),
        by_password=_by_password(records),
        open_environments=settings.open_environments,
        untold=untold(settings),
    )


def _encrypted(settings: Settings) -> bool:
    ring = Keyring.of_home(settings.home)
    try:
        return ring.made and ring.hiding is Hiding.NOW
    except SluicewayError:  # the keys are lost: whatever needs them says so
        return False


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def certificate_of(file: Path) -> tuple[float, tuple[str, ...]]:
    """When it ends, in seconds since the epoch, and the names that it is for.

    Raises:
        DefinitionError: SLW459, it cannot be read.
    """
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        try:
            extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return found.not_valid_after_utc.timestamp(), ()
        return found.not_valid_after_utc.timestamp(), tuple(extension.value.get_values_for_type(x509.DNSName))
    except (OSError, ValueError) as wrong:
        raise DefinitionError("SLW459", "the certificate cannot be used", where=str(file), why=str(wrong)) from wrong


def readers_of(file: Path) -> str:
    """Who else may read a file; empty: nobody.

    Raises:
        DefinitionError: SLW459, it is not there.
    """
    try:
        mode = file.stat().st_mode
    except OSError as wrong:
        raise DefinitionError("SLW459", "the certificate cannot be used", where=str(file), why=str(wrong)) from wrong
    if mode & stat.S_IROTH:
        return "everybody"
    return "its group" if mode & stat.S_IRGRP else ""


def _administrators(records: Records) -> tuple[str, ...]:
    on_engine = GrantStore(records.database).on([ENGINE.id], time.time())
    return tuple(sorted({one.principal for one in on_engine if one.role == Role.ADMIN}))


def _by_password(records: Records) -> tuple[str, ...]:
    """Who has a password and no key."""
    rows = records.database.select(select(CREDENTIALS.c.person, CREDENTIALS.c.kind))
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row["person"], set()).add(row["kind"])
    return tuple(sorted(person for person, found in kinds.items() if found == {PASSWORD}))
