"""Simulates pipelines on a time-skipping server: the production workflows, with mocked side effects."""
