"""Concurrency groups: how a run or a job asks for a slot."""
