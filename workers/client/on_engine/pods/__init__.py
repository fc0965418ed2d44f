"""Pods that people run, their logs, and what is done to an object by hand: `Pods` on the engine."""
