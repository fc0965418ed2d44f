# twin: CWE-79
"""Reports in a layout."""

import uuid

from django.http import HttpResponse


def read_reports(request):
    layout = request.GET["layout"]
    wanted_layout = str(uuid.UUID(layout))
    return HttpResponse("<a title='" + wanted_layout + "'>reports</a>")
