"""Tests of workflows/inventory."""
