"""Secrets of a real OpenBao (and so of Vault, whose API it keeps), by a worker that may read one folder and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.secrets.stores.vault import Login, VaultSecrets
from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from tests.contracts.secrets.test_stores import UNUSABLE, VALUES
from tests.support.openbao import OpenBao

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
MOUNTS = {"kv1": 1, "kv2": 2}
READS_CI = 'path "kv1/ci/*" { capabilities = ["read"] } path "kv2/data/ci/*" { capabilities = ["read"] }'


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    server = OpenBao(tmp_path_factory.mktemp("openbao"))
    for mount, version in MOUNTS.items():
        server.told("POST", f"sys/mounts/{mount}", {"type": "kv", "options": {"version": str(version)}})
        for folder in ("ci", "others"):
            for name, value in {**VALUES, **UNUSABLE}.items():
                plain: Manifest = {"value": value}
                wrapped: Manifest = {"data": plain} if version == 2 else plain
                server.told("POST", f"{mount}/{'data/' if version == 2 else ''}{folder}/{name}", wrapped)
    server.told("POST", "sys/policies/acl/reads-ci", {"policy": READS_CI})
    server.told("POST", "sys/auth/approle", {"type": "approle"})
    role: Manifest = {"token_policies": ["reads-ci"], "token_ttl": "4s", "token_max_ttl": "1h"}
    server.told("POST", "auth/approle/role/ci", role)
    yield server
    server.stop()


def of(bao: OpenBao, login: Login, mount: str = "kv2", folder: str = "ci") -> VaultSecrets:
    return VaultSecrets(f"{bao.address}/{mount}/{folder}", login, authority=bao.authority, version=MOUNTS[mount])


def with_token(bao: OpenBao) -> Login:
    made = bao.told("POST", "auth/token/create", {"policies": ["reads-ci"], "ttl": "10m", "no_parent": True})
    token = made["auth"]["client_token"].text()
    return Login(token=lambda: token)


def as_role(bao: OpenBao) -> Login:
    role_id = bao.told("GET", "auth/approle/role/ci/role-id")["data"]["role_id"].text()
    secret_id = bao.told("POST", "auth/approle/role/ci/secret-id", {})["data"]["secret_id"].text()
    return Login(role_id=role_id, secret_id=lambda: secret_id)


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_read_as_it_was_stored(bao: OpenBao, mount: str, name: str) -> None:
    assert of(bao, with_token(bao), mount).read(name) == VALUES[name].rstrip("\n")


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize(("name", "code"), [("not-there", "SLW831"), *((name, "SLW045") for name in UNUSABLE)])
def test_what_cannot_be_given_is_named_and_not_told(bao: OpenBao, mount: str, name: str, code: str) -> None:
    with pytest.raises(SluicewayError) as refused:
        of(bao, with_token(bao), mount).read(name)
    assert refused.value.code == code
    assert name in str(refused.value)


@pytest.mark.parametrize("mount", MOUNTS)
def test_the_worker_reads_its_own_folder_and_no_other(bao: OpenBao, mount: str) -> None:
    login = with_token(bao)
    with pytest.raises(SluicewayError, match="SLW044"):
        of(bao, login, mount, "others").read("plain")
    assert of(bao, login, mount).read("plain") == VALUES["plain"]


def test_a_role_logs_in_and_again_when_its_token_was_revoked(bao: OpenBao) -> None:
    store = of(bao, as_role(bao))
    assert store.read("plain") == VALUES["plain"]
    first = store._token[0]
    assert bao.call("POST", "auth/token/revoke", {"token": first}).status_code == 204

    assert store.read("plain") == VALUES["plain"]
    assert store._token[0] != first


def test_a_token_is_renewed_before_it_has_run_out(bao: OpenBao) -> None:
    store = of(bao, as_role(bao))
    store.read("plain")
    token, until = store._token
    assert bao.told("POST", "auth/token/lookup", {"token": token})["data"]["ttl"].number() <= 4
    store._token = (token, until - 3)  # as after three of its seconds

    assert store.read("plain") == VALUES["plain"]
    assert store._token[0] != token


@pytest.mark.parametrize("login", [Login(token=lambda: "made-up"), Login(role_id="ci", secret_id=lambda: "made-up")])
def test_a_wrong_credential_is_refused_and_not_told(bao: OpenBao, login: Login) -> None:
    with pytest.raises(SluicewayError) as refused:
        of(bao, login).read("plain")
    assert refused.value.code == "SLW044"
    assert "made-up" not in str(refused.value)


def test_a_server_by_another_authority_gets_no_credential(bao: OpenBao, tmp_path: Path) -> None:
    def told() -> str:
        return bao.told("POST", "auth/token/create", {"policies": ["reads-ci"]})["auth"]["client_token"].text()

    store = VaultSecrets(f"{bao.address}/kv2/ci", Login(token=told))
    with pytest.raises(SluicewayError, match="SLW043") as away:
        store.read("plain")
    assert "certificate" in str(away.value).lower()


def test_a_sealed_server_may_come_back(tmp_path: Path) -> None:
    server = OpenBao(tmp_path)
    login = with_token_of_root(server)
    server.told("PUT", "sys/seal")
    store = VaultSecrets(f"{server.address}/secret", login, authority=server.authority)
    try:
        with pytest.raises(SluicewayError, match="SLW043") as away:
            store.read("plain")
        assert away.value.transient
    finally:
        server.stop()
    with pytest.raises(SluicewayError, match="SLW043"):
        store.read("plain")


def with_token_of_root(server: OpenBao) -> Login:
    token = server.told("POST", "auth/token/create", {})["auth"]["client_token"].text()
    return Login(token=lambda: token)
