"""What an environment says of registries is part of its place, so that approvals and permits cover it."""

import pytest

from domain.releases.kubernetes.registered import explained, registered, registered_logins, text_of
from domain.releases.registries import Login

LOGIN = {"registry": "ghcr.io", "user": "robot", "secret": "token", "realms": ["auth.example"]}


def body(logins=(), **place):
    more = {"logins": list(logins)} if logins else {}
    return {"target": {"kubernetes": {"cluster": "edge", "namespace": "shop", **place, **more}}}


def test_a_login_is_part_of_the_place():
    text = text_of(body([LOGIN]))
    found = registered(text)
    assert found
    assert found.place().logins == (Login(registry="ghcr.io", user="robot", secret="token", realms=("auth.example",)),)
    assert any("ghcr.io" in what for what, _ in explained(text))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", text_of(body())])
def test_what_names_no_login_has_none(text):
    assert registered_logins(text) == ()


def test_an_environment_without_logins_says_what_it_said_before():
    assert text_of(body()) == '{"cluster": "edge", "namespace": "shop"}'


def test_a_secret_of_the_namespace_comes_instead():
    found = registered(text_of(body([LOGIN], pull_secret="registry")))
    assert found
    assert (found.place().pull_secret, found.place().logins) == ("registry", ())


def test_what_is_no_login_is_sent_nowhere():
    wrong = [{**LOGIN, "secret": ""}, {**LOGIN, "user": "a:b"}, {**LOGIN, "realms": ["https://x"]}, "x"]
    found = registered(text_of(body(wrong)))
    assert found
    assert found.place().logins == ()
