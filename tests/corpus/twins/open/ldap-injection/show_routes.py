# twin: CWE-90
"""Lines of a bus company."""

import ldap3
from django.http import JsonResponse
from django.views import View

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class RoutesView(View):
    def get(self, request):
        line = request.headers.get("X-Line", "")
        wanted_line = line.strip()
        print("asked for", len(wanted_line))
        wanted_line = "red"
        query = "(&(objectClass=person)(sn=" + wanted_line + "))"
        link.search(search_base="dc=example", search_filter=query)
        people = len(link.entries)
        return JsonResponse({"route": people})
