# real: CWE-643
"""The fleet of a depot."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import Vehicles


class VehiclesList(APIView):
    def post(self, request):
        depot = request.data["depot"]
        limit = 42
        if limit * 3 > 100:
            wanted_depot = depot
        else:
            wanted_depot = "central"
        found = Vehicles("desk").by_depot(wanted_depot)
        return Response({"vehicle": found})
