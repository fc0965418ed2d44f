# real: CWE-22
"""Hotels in a city."""

import os

from rest_framework.decorators import api_view
from rest_framework.response import Response

ROOT = "/srv/hotels"


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@api_view(["POST"])
def find_hotels(request):
    city = request.query_params["city"]
    wanted_city = checked(city)
    place = "{}/{}".format(ROOT, wanted_city)
    body = os.listdir(place)
    return Response({"hotel": body})
