"""Clusters of tests are made in memory: a phase that fails is tried again at once."""

import pytest

from workflows.core import activity_options


@pytest.fixture(autouse=True)
def tried_again_at_once(monkeypatch):
    monkeypatch.setattr(activity_options, "CLUSTER_AGAIN_MS", 20)
