# real: CWE-22
"""The fleet of a depot."""

import shutil
from dataclasses import dataclass

from django.http import JsonResponse
from django.views import View

ROOT = "/srv/vehicles/"


@dataclass
class Wanted:
    kind: str
    text: str


class VehiclesView(View):
    def get(self, request):
        depot = self.request.GET.get("depot", "")
        wanted = Wanted("central", depot)
        wanted_depot = wanted.text
        shutil.rmtree(ROOT + wanted_depot)
        body = "gone"
        return JsonResponse({"vehicle": body})
