"""Where the server listens, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.core.errors import DefinitionError
from workers.api.main import configure
from workers.api.options import Options, bound, entrance_of
from workers.api.parts import Parts

NOTHING = Parts(clients=None, authenticator=None, changes=None, origin="http://x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (Options(listen="0.0.0.0:80"), "SLW450"),
        (Options(listen="0.0.0.0:80", trusted_proxy="10.0.0.0/8"), "SLW450"),
        (Options(listen="nowhere"), "SLW450"),
        (Options(listen="127.0.0.1:99999"), "SLW450"),
        (Options(listen="192.0.2.7:80", trusted_proxy="10.0.0.1", url="http://ci.example.org"), "SLW451"),
        (Options(listen="127.0.0.1:80", url="http://127.0.0.1"), "SLW451"),
        (Options(listen="127.0.0.1:80", url="http://localhost"), "SLW451"),
        (Options(tls_cert=Path("cert.pem")), "SLW459"),
    ],
)
def test_what_is_not_safe_is_not_started(options: Options, code: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        entrance_of(options)
    assert refused.value.code == code


def test_on_this_machine_it_has_a_host_name_of_its_own() -> None:
    assert entrance_of(Options(listen="127.0.0.1:8080")).url == "http://sluiceway.localhost:8080"


def test_beyond_this_machine_it_listens_with_tls() -> None:
    found = entrance_of(
        Options(listen="[::]:443", tls_cert=Path("c"), tls_key=Path("k"), url="https://ci.example.org/")
    )
    assert (found.url, found.secure) == ("https://ci.example.org", True)


def test_an_address_that_is_not_ours_is_an_error_with_its_reason() -> None:
    with pytest.raises(DefinitionError) as refused:
        bound("192.0.2.1:0")
    assert refused.value.code == "SLW450"


def test_a_certificate_that_is_none_is_an_error_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("no certificate")
    options = Options(listen="127.0.0.1:0", tls_cert=tmp_path / "c", tls_key=tmp_path / "c")
    with pytest.raises(DefinitionError) as refused:
        configure(NOTHING, entrance_of(options), options)
    assert refused.value.code == "SLW459"
