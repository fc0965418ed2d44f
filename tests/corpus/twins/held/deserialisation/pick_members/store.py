# real: CWE-502
"""Where members are kept."""

import yaml


def member_by_club(club):
    found = list(yaml.unsafe_load_all(club))
    return str(found)
