"""One real node for all tests of this folder: each asserts that it has left nothing there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.made_clusters import Made, on_this_machine


@pytest.fixture(scope="package")
def real_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """One node with a kubelet, and a namespace `small` with a quota."""
    with on_this_machine(tmp_path_factory.mktemp("host")) as cluster:
        yield cluster
