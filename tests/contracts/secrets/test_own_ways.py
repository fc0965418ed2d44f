"""What one store of secrets does that the others cannot."""

from __future__ import annotations

import os
from pathlib import Path

import httpx2
import pytest

from activities.secrets.stores import registry
from activities.secrets.stores.folder import FolderSecrets
from activities.secrets.stores.vault import Login, VaultSecrets
from domain.core.errors import DefinitionError, SluicewayError
from tests.contracts.secrets.test_stores import CREDENTIAL, FakeVault


def test_a_file_that_others_can_read_is_no_secret(tmp_path: Path) -> None:
    store = FolderSecrets(tmp_path)
    store.write("token", "x")
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(SluicewayError, match=r"SLW044[\s\S]*chmod 600"):
        store.read("token")

    assert FolderSecrets(tmp_path, own=False).read("token") == "x"


def test_a_kept_file_is_of_its_owner_alone_and_its_names_are_listed(tmp_path: Path) -> None:
    store = FolderSecrets(tmp_path / "secrets")
    store.write("token", "x\n")
    store.write("other", "y")
    (tmp_path / "secrets" / "rules.json").write_text("[]")

    assert (tmp_path / "secrets" / "token").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert store.names() == ["other", "token"]
    store.remove("token")
    store.remove("token")
    assert store.names() == ["other"]


def test_variables_with_the_prefix_leave_the_environment_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_SECRET_DEPLOY_TOKEN", "s3cr3t")
    store = registry.open_secrets("env:CI_SECRET_", Path("/nowhere"))

    assert "CI_SECRET_DEPLOY_TOKEN" not in os.environ
    assert store.read("deploy-token") == "s3cr3t"


def test_a_login_of_an_app_role_is_kept_and_renewed_when_it_is_refused() -> None:
    server = FakeVault({"a": "1", "b": "2"})
    login = Login(role_id="ci", secret_id=lambda: CREDENTIAL)
    store = VaultSecrets("https://vault.test/kv/ci", login, transport=httpx2.MockTransport(server))

    assert (store.read("a"), store.read("b"), server.logins) == ("1", "2", 1)
    server.logins += 1  # another worker took its place: the first token is none any more
    assert (store.read("a"), server.logins) == ("1", 3)


def test_a_pod_shows_its_service_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("jwt-of-the-pod\n")
    seen = []

    def server(request: httpx2.Request) -> httpx2.Response:
        seen.append((request.url.path, request.content.decode()))
        return httpx2.Response(
            200, json={"auth": {"client_token": "t", "lease_duration": 60}, "data": {"data": {"value": "1"}}}
        )

    store = VaultSecrets(
        "https://vault.test/kv",
        Login(role="ci", mount="k8s"),
        service_account=tmp_path / "token",
        transport=httpx2.MockTransport(server),
    )

    assert store.read("a") == "1"
    assert seen[0][0] == "/v1/auth/k8s/login"
    assert '"jwt-of-the-pod"' in seen[0][1]
    assert seen[1][0] == "/v1/kv/data/a"


@pytest.mark.parametrize(
    "address",
    [
        "folder:",
        "folder:relative",
        "env:",
        "vault:",
        "vault:ftp://x/kv",
        "vault:https://host",
        "kubernetes:No",
        "file:/x",
        "x",
    ],
)
def test_an_address_that_is_none_is_refused_with_the_forms(address: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="SLW503"):
        registry.open_secrets(address, tmp_path)


def test_a_token_is_not_sent_over_the_network_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"SLW503[\s\S]*in the clear"):
        registry.open_secrets("vault:http://vault.example/kv", tmp_path)

    assert (
        registry.open_secrets("vault:http://127.0.0.1:8200/kv", tmp_path).where == "Vault at http://127.0.0.1:8200, kv/"
    )


def test_credentials_come_from_files_that_may_change_and_leave_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("first\n")
    monkeypatch.setenv("SLUICEWAY_VAULT_TOKEN_FILE", str(tmp_path / "token"))
    store = registry.open_secrets("vault:https://vault.test/kv", tmp_path)
    assert isinstance(store, VaultSecrets)
    assert store.login.token is not None
    assert store.login.token() == "first"
    (tmp_path / "token").write_text("second\n")

    assert store.login.token() == "second"
    assert "SLUICEWAY_VAULT_TOKEN_FILE" not in os.environ
    (tmp_path / "token").unlink()
    with pytest.raises(SluicewayError, match=r"SLW044.*credential"):
        store.login.token()
