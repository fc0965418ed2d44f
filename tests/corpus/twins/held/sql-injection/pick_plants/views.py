# real: CWE-89
"""Plants in a garden."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

from .store import plant_by_bed


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


@api_view(["POST"])
def pick_plants(request):
    bed = request.query_params["bed"]
    wanted_bed = Form(bed).cleaned()
    found = plant_by_bed(wanted_bed)
    return Response({"plant": found})
