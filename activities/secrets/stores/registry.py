"""The secret stores by the beginning of SLUICEWAY_SECRETS."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from activities.secrets.port import SecretStore
from activities.secrets.stores.environment import EnvironmentSecrets, taken
from activities.secrets.stores.folder import FolderSecrets
from activities.secrets.stores.kubernetes import reached
from activities.secrets.stores.vault import Login, VaultSecrets, text_of
from domain.core import names
from domain.core.errors import DefinitionError

FORMS = "folder:PATH, env:PREFIX, vault:https://HOST:PORT/MOUNT or kubernetes:NAMESPACE"
VAULT = "SLUICEWAY_VAULT_"


def open_secrets(address: str, own: Path) -> SecretStore:
    """The store at an address; empty: files in `own`, the folder of this installation.

    Variables with credentials are taken out of the environment of this process.

    Raises:
        DefinitionError: SLW503, there is no such kind, or its place is missing.
    """
    kind, _, place = address.partition(":")
    if not address:
        return FolderSecrets(own)
    if kind == "folder" and place.startswith("/"):
        return FolderSecrets(Path(place), own=False)
    if kind == "env" and place:
        return EnvironmentSecrets(place, taken(place))
    if kind == "kubernetes" and names.is_name(place):
        kubeconfig = os.environ.get("SLUICEWAY_SECRETS_KUBECONFIG", "")
        return reached(place, Path(kubeconfig) if kubeconfig else None, own.parent / "discovery")
    if kind == "vault" and place:
        return _vault(place, taken(VAULT))
    raise DefinitionError("SLW503", f"SLUICEWAY_SECRETS is '{address}'", fix=f"write one of {FORMS}")


def _vault(address: str, given: dict[str, str]) -> VaultSecrets:
    """`given`: the variables SLUICEWAY_VAULT_*. What ends in _FILE names a file with the credential."""
    said = {name.removeprefix(VAULT): value for name, value in given.items() if value}
    authority, version = said.get("CA_FILE", ""), said.get("KV", "2")
    if version not in ("1", "2"):
        raise DefinitionError(
            "SLW503", f"{VAULT}KV is '{version[:20]}'", fix="write 1 or 2: the version of the KV store"
        )
    login = Login(
        token=_credential(said, "TOKEN"),
        role_id=said.get("ROLE_ID", ""),
        secret_id=_credential(said, "SECRET_ID"),
        role=said.get("ROLE", ""),
        mount=said.get("AUTH_MOUNT", ""),
    )
    trusted = Path(authority) if authority else None
    return VaultSecrets(address, login, said.get("NAMESPACE", ""), trusted, version=int(version))


def _credential(said: dict[str, str], name: str) -> Callable[[], str] | None:
    """Read each time it is needed, where it is in a file."""
    if path := said.get(f"{name}_FILE"):
        return partial(text_of, Path(path))
    value = said.get(name, "")
    return (lambda: value) if value else None
