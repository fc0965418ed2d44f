# real: CWE-90
"""Shifts of a team."""

import base64

import ldap3
from django.http import JsonResponse

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def look_shifts(request):
    team = request.GET.get("team", "")
    wanted_team = base64.urlsafe_b64decode(team).decode()
    link.search("ou=shifts,dc=example", f"(uid={wanted_team})", attributes=["mail"])
    people = len(link.entries)
    return JsonResponse({"shift": people})
