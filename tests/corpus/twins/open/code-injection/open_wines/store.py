# real: CWE-95
"""Where wines are kept."""


def wine_by_grape(grape):
    total = eval(grape)
    return total
