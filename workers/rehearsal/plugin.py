"""Kept for one release: the published name of the pytest plugin, now workers.simulation.pytest_plugin."""

from workers.simulation.pytest_plugin import *  # noqa: F403
