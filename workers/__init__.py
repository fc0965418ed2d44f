"""Processes and their wiring: the engine, the worker, the command line. The only place that reads the environment."""
