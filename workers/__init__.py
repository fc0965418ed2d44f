"""Processes and their wiring: engine, worker, command line. The only place that reads environment variables."""
