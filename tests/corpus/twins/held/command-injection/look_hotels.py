# real: CWE-78
"""Hotels in a city."""

import subprocess

from rest_framework.response import Response
from rest_framework.views import APIView

CHOICES = ("lisbon", "other")


class HotelsList(APIView):
    def post(self, request):
        city = request.data["city"]
        wanted_city = city
        for choice in CHOICES:
            if wanted_city == choice + "s":
                wanted_city = choice
        command = "host -t mx %s" % wanted_city
        status = subprocess.getoutput(command)
        return Response({"hotel": status})
