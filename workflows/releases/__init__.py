"""Strategies, the judge, targets, routers."""
