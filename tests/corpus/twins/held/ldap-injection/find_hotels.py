# real: CWE-90
"""Hotels in a city."""

import ldap3
from rest_framework.decorators import api_view
from rest_framework.response import Response

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@api_view(["POST"])
def find_hotels(request):
    city = request.query_params["city"]
    wanted_city = checked(city)
    link.search(f"ou={wanted_city},dc=example", "(objectClass=person)")
    people = len(link.entries)
    return Response({"hotel": people})
