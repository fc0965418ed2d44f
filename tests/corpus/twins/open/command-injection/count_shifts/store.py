# twin: CWE-78
"""Where shifts are kept."""

import os


def shift_by_team(team):
    status = os.system("archive-shifts " + team)
    return status
