"""Definitions need no engine: the real implementation."""

from workers.client.definitions import TextDefinitions as MemoryDefinitions

__all__ = ["MemoryDefinitions"]
