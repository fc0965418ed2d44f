"""The version of the engine, of its command line and of the image of its workers."""

from __future__ import annotations

VERSION = "0.1.0"
"""As `pyproject.toml` has it."""
