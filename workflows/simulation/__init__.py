"""Tests of pipelines in virtual time."""
