# twin: CWE-95
"""Where recipes are kept."""

import code


def recipe_by_cuisine(cuisine):
    shell = code.InteractiveInterpreter()
    total = shell.runsource(cuisine)
    return total
