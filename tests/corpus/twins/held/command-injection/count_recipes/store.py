# twin: CWE-78
"""Where recipes are kept."""

import subprocess


def recipe_by_cuisine(cuisine):
    status = subprocess.check_output("du -sh /srv/recipes/{}".format(cuisine), shell=True).decode()
    return status
