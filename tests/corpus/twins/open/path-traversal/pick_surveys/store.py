# real: CWE-22
"""Where surveys are kept."""

import os

ROOT = "/srv/surveys/"


def survey_by_panel(panel):
    os.remove(ROOT + panel)
    body = "removed"
    return body
