# real: CWE-90
"""The fleet of a depot."""

from dataclasses import dataclass

import ldap
from django.http import JsonResponse
from django.views import View

link = ldap.initialize("ldap://directory.example")


@dataclass
class Wanted:
    kind: str
    text: str


class VehiclesView(View):
    def get(self, request):
        depot = request.headers.get("X-Depot", "")
        wanted = Wanted("central", depot)
        wanted_depot = wanted.text
        people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(wanted_depot)))
        return JsonResponse({"vehicle": people})
