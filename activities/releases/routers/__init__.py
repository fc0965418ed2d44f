"""The router of one machine: its configuration, its process, and its counters."""
