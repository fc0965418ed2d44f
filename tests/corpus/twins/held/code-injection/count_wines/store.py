# twin: CWE-95
"""Where wines are kept."""


def wine_by_grape(grape):
    total = eval(compile("({})".format(grape), "wines", "eval"), {"max": max, "min": min})
    return total
