# twin: CWE-22
"""Where recipes are kept."""

import shutil

ROOT = "/srv/recipes/"


def recipe_by_cuisine(cuisine):
    shutil.rmtree(ROOT + cuisine)
    body = "gone"
    return body
