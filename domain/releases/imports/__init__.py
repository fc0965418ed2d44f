"""Releases that others describe, as an environment and a deploy job: what is used of them, and what is not."""
