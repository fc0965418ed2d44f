# twin: CWE-22
"""Where wines are kept."""

import os

ROOT = "/srv/wines"


def wine_by_grape(grape):
    place = "{}/{}".format(ROOT, grape)
    body = os.listdir(place)
    return body
