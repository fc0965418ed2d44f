# twin: CWE-22
"""Where shifts are kept."""

from pathlib import Path

ROOT = Path("/srv/shifts")


def shift_by_team(team):
    body = (ROOT / team).read_text()
    return body
