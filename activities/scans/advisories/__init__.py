"""Builds the vulnerability database from exports, for installations without a network."""
