"""Clusters: plan, phases, health, automatic repair, autoscaling."""
