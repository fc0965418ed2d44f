"""The door of the embedded Temporal server: who may reach it on this machine."""
