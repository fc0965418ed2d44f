# real: CWE-22
"""Where wines are kept."""

import os

ROOT = "/srv/wines"


def wine_by_grape(grape):
    with open(os.path.join(ROOT, grape)) as file:
        body = file.read()
    return body
