"""Logins of registries: what is read, whose they are, and where they go."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases import registries
from domain.releases.registries import Login

HOSTS = st.sampled_from(["images.example", "docker.io", "10.0.0.1:5000", "registry.example", "REGISTRY.example:443"])
LOGINS = st.builds(
    Login, registry=HOSTS, user=st.just("robot$ci"), secret=st.just("token"), realms=st.tuples(HOSTS) | st.just(())
)


@given(st.lists(LOGINS | st.builds(Login, registry=HOSTS), max_size=5))
def test_a_setting_says_what_it_was_made_of(logins):
    text = "; ".join(" ".join(filter(None, (one.registry, one.user, one.secret, *one.realms))) for one in logins)
    assert registries.parsed(text) == tuple(logins)


@pytest.mark.parametrize(
    "text",
    [
        "images.example robot",
        "https://images.example",
        "images.example ro:bot token",
        "images.example robot Token!",
        "g/x",
        "a b c d/e",
    ],
)
def test_a_setting_that_is_otherwise_is_refused_by_its_number(text):
    with pytest.raises(ValueError, match="entry 2"):
        registries.parsed(f"ok.example; {text}")


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("shop:1", "docker.io"),
        ("team/shop", "docker.io"),
        ("images.example/team/shop:1", "IMAGES.example"),
        ("10.0.0.1:5000/shop@sha256:" + "a" * 64, "10.0.0.1:5000"),
    ],
)
def test_a_login_is_for_the_registry_that_an_image_is_pulled_from(image, registry):
    one = Login(registry=registry, user="robot", secret="token")
    assert registries.login(image, [Login(registry="other.example", user="robot", secret="x"), one]) == one
    assert registries.login(image, [Login(registry=registry)]) is None


@given(HOSTS, LOGINS)
def test_no_login_is_for_another_registry(registry, login):
    found = registries.login(f"{registry}/team/shop:1", [login])
    assert (found is None) is (registry != login.registry)


def test_a_release_has_the_logins_of_its_images_alone():
    one, other = (Login(registry=host, user="robot", secret="token") for host in ("a.example", "b.example"))
    assert registries.needed({"a.example/x:1", "a.example/y:1", "Ä", "c.example/z"}, [one, other]) == (one,)


@pytest.mark.parametrize(
    ("realm", "registry"),
    [
        ("https://images.example/token", "images.example"),
        ("https://REGISTRY.example/token", "registry.example:5000"),
        ("https://auth.docker.io/token", "registry-1.docker.io"),
        ("https://git.example/jwt/auth", "registry.git.example"),
    ],
)
def test_a_login_goes_to_the_registrys_host_and_to_named_ones(realm, registry):
    assert registries.closed_realm(realm, registry, ["git.example"]) == ""


@pytest.mark.parametrize(
    "realm",
    [
        "https://evil.example/token",
        "https://registry.example.evil.example/token",
        "https://evil-registry.example/token",
        "https://registry.example@evil.example/token",
        "https://me@registry.example/token",
        "https://git.example:8443/token",
        "https:///token",
        "registry.example/token",
        "",
    ],
)
def test_a_registry_alone_does_not_say_where_a_login_goes(realm):
    assert registries.closed_realm(realm, "registry.example", ["git.example"])


def test_the_pull_secret_is_what_nodes_read():
    logins = [Login(registry=host, user="robot", secret="token") for host in ("docker.io", "images.example")]
    auths = json.loads(registries.docker_config(logins, {"token": "s3cret"}))["auths"]
    assert set(auths) == {"https://index.docker.io/v1/", "images.example"}
    assert base64.b64decode(auths["images.example"]["auth"]) == b"robot:s3cret"
