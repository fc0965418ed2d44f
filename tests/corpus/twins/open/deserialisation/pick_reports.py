# twin: CWE-502
"""Reports in a layout."""

import yaml
from django.http import JsonResponse

VERSION = 1


class Reports:
    def __init__(self, owner):
        self.owner = owner

    def by_layout(self, layout):
        found = yaml.load(layout, Loader=yaml.UnsafeLoader)
        return str(found)


def pick_reports(request):
    layout = request.GET["layout"]
    wanted_layout = layout if VERSION >= 2 else "plain"
    found = Reports("desk").by_layout(wanted_layout)
    return JsonResponse({"report": found})
