"""What a definition writes as a path stays one, behind whatever address."""

from __future__ import annotations

from posixpath import normpath
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.request_path import path_complaint

PARTS = st.lists(
    st.sampled_from(["/", "..", ".", "@", ":", "%2e", "%2F", "\\", "?", "#", "a", " ", "\n", "é", "x"]), max_size=9
)


@given(PARTS.map("".join))
def test_no_path_leaves_its_address_or_the_place_below_it(path: str) -> None:
    if path_complaint(path):
        return
    found = urlsplit(f"http://10.0.0.1:80/base/proxy{path or '/'}")
    assert (found.hostname, found.port) == ("10.0.0.1", 80)
    assert urlsplit(f"http://10.0.0.1:80{path or '/'}").hostname == "10.0.0.1"
    assert normpath(found.path).startswith("/base/proxy")


@pytest.mark.parametrize("path", ["", "/", "/health?deep=1", "/a/..b/c.d", "/x?from=../y#z", "/@me", "//x"])
def test_paths_of_services_are_asked(path: str) -> None:
    assert path_complaint(path) == ""


@pytest.mark.parametrize(
    "path",
    ["@169.254.169.254/", "x", "/../secrets/x", "/a/%2e%2E/b", "/%2e%2e%2fx", "/a\\..\\b", "/a b", f"/{'a' * 2001}"],
)
def test_paths_that_lead_elsewhere_are_not(path: str) -> None:
    assert path_complaint(path)
