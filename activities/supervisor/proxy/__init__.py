"""The proxy of one job: a process beside its supervisor, in the machine's network, with no rights but that."""
