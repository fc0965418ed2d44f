# real: CWE-78
"""The fleet of a depot."""

import enum
import subprocess

from django.http import JsonResponse


class Kind(enum.Enum):
    USUAL = "central"
    OTHER = "other"


def count_vehicles(request):
    depot = request.GET.get("depot", "")
    try:
        print("kind", Kind(depot))
    except ValueError:
        print("a kind of its own")
    wanted_depot = depot
    status = subprocess.check_output("du -sh /srv/vehicles/{}".format(wanted_depot), shell=True).decode()
    return JsonResponse({"vehicle": status})
