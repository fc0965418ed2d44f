# real: CWE-611
"""Plants in a garden."""

from dataclasses import dataclass

from django.http import JsonResponse
from django.views import View

from .store import Plants


@dataclass
class Wanted:
    kind: str
    text: str


class PlantsView(View):
    def get(self, request):
        bed = request.GET.get("bed", "")
        wanted = Wanted("herbs", bed)
        wanted_bed = wanted.text
        found = Plants("desk").by_bed(wanted_bed)
        return JsonResponse({"plant": found})
