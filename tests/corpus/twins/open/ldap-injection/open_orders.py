# twin: CWE-90
"""Orders by status."""

import ldap3
from ldap3.utils.conv import escape_filter_chars
from rest_framework.response import Response
from rest_framework.views import APIView

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        link.search("ou=orders,dc=example", f"(uid={escape_filter_chars(status)})", attributes=["mail"])
        people = len(link.entries)
        return people


class OrdersList(APIView):
    def post(self, request):
        status = request.data.get("status", "")
        found = Orders("desk").by_status(status)
        return Response({"order": found})
