# twin: CWE-502
"""Where badges are kept."""

import json


def badge_by_level(level):
    found = json.loads(level, parse_float=str)
    return str(found)
