"""Pipelines played on a server that skips time: the same workflows, with mocks in the place of the world."""
