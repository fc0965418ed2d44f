"""The program that owns processes and outlives the worker. Standard library only: it starts once per job."""
