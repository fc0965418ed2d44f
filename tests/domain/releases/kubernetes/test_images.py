"""Digests stand where tags stood, at every depth, and nothing else of the objects is another."""

from typing import Any

from hypothesis import given

from domain.releases.kubernetes.images import images, with_digests
from tests.domain.releases.kubernetes.rendered import rendered

PINNED = f"shop@sha256:{'b' * 64}"


@given(rendered())
def test_each_image_of_the_objects_is_the_admitted_one(objects):
    made = with_digests(objects, {"shop:1": PINNED})
    assert images(objects) == ("shop:1",)
    assert images(made) == (PINNED,)
    assert with_digests(made, {PINNED: "shop:1"}) == objects
    assert with_digests(objects, {"shop:2": PINNED}) == objects


def test_pods_of_kinds_that_only_an_environment_knows_have_them_too():
    pod: Any = {"ephemeralContainers": [{"image": "shop:1"}, 7], "image": "shop:1", "containers": "none"}
    made = with_digests([{"kind": "Runner", "spec": [{"deep": pod}]}], {"shop:1": PINNED})
    assert made == [
        {"kind": "Runner", "spec": [{"deep": {**pod, "ephemeralContainers": [{"image": PINNED}, 7]}}]},
    ]
