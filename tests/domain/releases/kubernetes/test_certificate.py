"""A certificate serves a host as clients decide it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.kubernetes.certificate import SOON_S, Certificate, matches

LABEL = st.text(alphabet="abz09-", min_size=1, max_size=8)
HOST = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


@given(HOST)
def test_a_host_s_own_name_is_its_in_any_case(host):
    assert matches(host.upper(), host)
    assert matches(host, f"{host}.")


@given(HOST, LABEL, LABEL)
def test_a_wildcard_is_one_label_and_not_two(domain, one, two):
    assert matches(f"*.{domain}", f"{one}.{domain}")
    assert not matches(f"*.{domain}", f"{two}.{one}.{domain}")
    assert not matches(f"*.{domain}", domain)
    assert not matches("*", domain)


@given(st.text(), st.text())
def test_no_name_is_an_error(name, host):
    matches(name, host)


@pytest.mark.parametrize(
    ("now", "host", "word"),
    [
        (99, "a.example", "begins on 1970-01-01"),
        (200, "a.example", "ended"),
        (150, "b.a.example", "not for b.a.example"),
    ],
)
def test_why_a_certificate_does_not_serve(now, host, word):
    assert word in Certificate(("a.example",), 100, 200).complaint(host, now)


def test_one_that_ends_soon_serves_and_is_told():
    one = Certificate(("a.example",), 0, 2 * SOON_S)
    assert (one.complaint("a.example", SOON_S), one.warning(SOON_S)) == ("", "")
    assert "1970-01-15" in one.warning(SOON_S + 1)
