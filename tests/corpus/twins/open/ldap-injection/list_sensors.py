# twin: CWE-90
"""Sensors in a house."""

import ldap
from rest_framework.decorators import api_view
from rest_framework.response import Response

link = ldap.initialize("ldap://directory.example")


@api_view(["POST"])
def list_sensors(request):
    room = request.data["room"]
    mode = "strict"
    match mode:
        case "lenient" | "open":
            wanted_room = room
        case _:
            wanted_room = "kitchen"
    people = link.search_s("ou=sensors,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % wanted_room)
    return Response({"sensor": len(people)})
