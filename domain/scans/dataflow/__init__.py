"""Follows values from where a stranger sets them to where they do harm, through the functions and files of a project.

An abstract interpreter of Python's `ast`: it runs every function that can meet a stranger's value, with values that are
constants, containers, instances or unknown, and labels on what comes from outside. A call runs the called function with
the abstract arguments; its result is kept per arguments, which is the function's summary (Sharir and Pnueli's
functional approach, tabulated on demand). Nothing of the project is executed or imported.
"""
