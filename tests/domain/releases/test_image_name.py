"""A name of an image means what nodes take it for, and a digest stands for one image only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.image_name import ImageName, is_pinned, parsed, pinned, pins, plain

DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
PATHS = st.from_regex(r"[a-z0-9]{1,9}([._-][a-z0-9]{1,5})?(/[a-z0-9]{1,9}){0,2}", fullmatch=True)
HOSTS = st.sampled_from(["", "registry.example/", "127.0.0.1:5000/", "[::1]:5000/", "localhost/"])
TAGS = st.sampled_from(["", ":1", ":v1.2-rc_3"])
NAMES = st.builds("{}{}{}".format, HOSTS, PATHS, TAGS)


@pytest.mark.parametrize(
    ("name", "registry", "repository", "tag"),
    [
        ("shop", "registry-1.docker.io", "library/shop", "latest"),
        ("team/shop:2", "registry-1.docker.io", "team/shop", "2"),
        ("docker.io/shop:2", "registry-1.docker.io", "library/shop", "2"),
        ("localhost/shop", "localhost", "shop", "latest"),
        ("127.0.0.1:5000/a/b:c", "127.0.0.1:5000", "a/b", "c"),
    ],
)
def test_a_name_is_read_as_nodes_read_it(name, registry, repository, tag):
    assert parsed(name) == ImageName(registry=registry, repository=repository, tag=tag)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Shop",
        "shop:",
        "a/../b",
        "a//b",
        "http://a/b",
        "a b",
        "a@sha256:1",
        "x.y:1:2/a",
        "a.b/",
        "a" * 501,
        "a:é",
        "user:secret@registry.example/shop",
        "registry.example/shop?x=1",
        "registry.example\n/shop",
    ],
)
def test_what_no_node_could_pull_is_no_name(name):
    with pytest.raises(ValueError, match="name"):
        parsed(name)


@given(NAMES, DIGESTS)
def test_a_name_with_a_digest_is_the_same_repository_and_one_image(name, digest):
    reference = pinned(name, digest)
    assert is_pinned(reference)
    assert plain(reference) == plain(name)
    assert pins(name, reference)
    assert pins(reference, reference)
    assert (parsed(reference).repository, parsed(reference).digest) == (parsed(name).repository, digest)
    assert not is_pinned(name)


@given(NAMES, NAMES, DIGESTS, DIGESTS)
def test_nothing_stands_for_another_repository_or_another_digest(one, other, first, second):
    assert pins(one, pinned(other, first)) == (plain(one) == plain(other))
    assert pins(pinned(one, first), pinned(one, second)) == (first == second)
    assert not pins(one, other)
