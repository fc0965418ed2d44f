# twin: CWE-95
"""Where shifts are kept."""


def shift_by_team(team):
    scope = {"shift": 1}
    exec(team, scope)
    total = scope["shift"]
    return total
