"""Mechanical fixes of Python sources by positions of the syntax tree: what is outside of a node stays as it is."""
