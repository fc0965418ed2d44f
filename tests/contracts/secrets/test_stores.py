"""Every store of secrets keeps the same promises."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from activities.secrets.port import MAX_BYTES, SecretStore
from activities.secrets.stores.environment import EnvironmentSecrets
from activities.secrets.stores.folder import FolderSecrets
from activities.secrets.stores.kubernetes import KubernetesSecrets
from activities.secrets.stores.memory import MemorySecrets
from activities.secrets.stores.vault import Login, VaultSecrets
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.secrets.reference import variable_for

CREDENTIAL = "hvs.the-token-of-the-worker"
VALUES = {
    "plain": "s3cr3t",
    "lines": "-----BEGIN-----\nab\n-----END-----",
    "letters": "schlüssel ☃",
    "ended": "s3cr3t\n",
}
UNUSABLE = {"empty": "", "zero": "a\0b", "large": "x" * (MAX_BYTES + 1)}


@dataclass
class FakeVault:
    """The HTTP API of a KV store of version 2, as far as it is read, with the login by an AppRole."""

    values: Mapping[str, str]
    trouble: int = 0
    logins: int = 0
    version: int = 2

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.trouble:
            return httpx2.Response(self.trouble, json={"errors": ["no"]})
        if request.url.path == "/v1/auth/approle/login":
            self.logins += 1
            assert json.loads(request.content) == {"role_id": "ci", "secret_id": CREDENTIAL}
            return httpx2.Response(200, json={"auth": {"client_token": f"t{self.logins}", "lease_duration": 60}})
        if request.headers["X-Vault-Token"] not in (CREDENTIAL, f"t{self.logins}"):
            return httpx2.Response(403, json={"errors": ["permission denied"]})
        name = request.url.path.removeprefix("/v1/kv/data/ci/" if self.version > 1 else "/v1/kv/ci/")
        if name not in self.values:
            return httpx2.Response(404, json={"errors": []})
        if self.version == 1:
            return httpx2.Response(200, json={"data": {"value": self.values[name]}, "lease_duration": 2_764_800})
        return httpx2.Response(200, json={"data": {"data": {"value": self.values[name]}, "metadata": {"version": 1}}})


@dataclass
class FakeApi:
    values: Mapping[str, str]
    trouble: int = 0

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        if self.trouble:
            raise SluicewayError("SLW943", "the API server refuses", why="no", transient=True, status=self.trouble)
        if name not in self.values:
            return None
        return {"data": {"value": base64.b64encode(self.values[name].encode()).decode()}}


def folder(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    made = FolderSecrets(at / "secrets")
    (at / "secrets").mkdir(mode=0o700)
    for name, value in values.items():
        path = at / "secrets" / name
        path.write_text(value)
        path.chmod(0o600)
    return made


def environment(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    return EnvironmentSecrets("CI_", {f"CI_{variable_for(name)}": value for name, value in values.items()})


def memory(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    made = MemorySecrets(**values)
    made.away, made.refuses = trouble >= 500, 0 < trouble < 500
    return made


def vault(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    transport = httpx2.MockTransport(FakeVault(values, trouble))
    return VaultSecrets("https://vault.test/kv/ci", Login(token=lambda: CREDENTIAL), transport=transport)


def vault_kv1(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    transport = httpx2.MockTransport(FakeVault(values, trouble, version=1))
    return VaultSecrets("https://vault.test/kv/ci", Login(token=lambda: CREDENTIAL), version=1, transport=transport)


def kubernetes(values: Mapping[str, str], at: Path, trouble: int = 0) -> SecretStore:
    return KubernetesSecrets(FakeApi(values, trouble), "ci")


Made = Callable[[Mapping[str, str], Path, int], SecretStore]
ALL = pytest.mark.parametrize(
    "made", [folder, environment, memory, vault, vault_kv1, kubernetes], ids=lambda one: one.__name__
)
SERVERS = pytest.mark.parametrize("made", [memory, vault, vault_kv1, kubernetes], ids=lambda one: one.__name__)


@ALL
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_read_as_it_was_stored(made: Made, name: str, tmp_path: Path) -> None:
    assert made(VALUES, tmp_path, 0).read(name) == VALUES[name].rstrip("\n")


@ALL
def test_a_secret_that_is_not_there_is_named(made: Made, tmp_path: Path) -> None:
    store = made(VALUES, tmp_path, 0)
    with pytest.raises(SluicewayError, match="SLW831") as absent:
        store.read("not-there")

    assert "not-there" in absent.value.what
    assert store.where in absent.value.what


@ALL
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_value_that_no_variable_can_hold_is_not_told(made: Made, name: str, tmp_path: Path) -> None:
    with pytest.raises(SluicewayError) as refused:
        made(UNUSABLE, tmp_path, 0).read(name)

    assert refused.value.code == ("SLW831" if made is kubernetes and name == "empty" else "SLW045")
    assert "xxx" not in str(refused.value)


@SERVERS
@pytest.mark.parametrize("status", [500, 503])
def test_a_store_that_is_away_may_come_back(made: Made, status: int, tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW043") as away:
        made(VALUES, tmp_path, status).read("plain")

    assert away.value.transient


@SERVERS
def test_a_store_that_refuses_the_worker_says_so(made: Made, tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW044") as refused:
        made(VALUES, tmp_path, 403).read("plain")

    assert not refused.value.transient


@ALL
def test_no_text_of_a_store_has_a_value_or_a_credential(made: Made, tmp_path: Path) -> None:
    store = made(VALUES, tmp_path, 0)
    store.read("plain")
    texts = f"{store.where} {store!r}"

    assert VALUES["plain"] not in texts
    assert CREDENTIAL not in texts
