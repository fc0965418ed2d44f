# twin: CWE-95
"""Orders by status."""

import ast

from rest_framework.response import Response
from rest_framework.views import APIView


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        total = ast.literal_eval(status)
        return total


class OrdersList(APIView):
    def post(self, request):
        status = request.data.get("status", "")
        found = Orders("desk").by_status(status)
        return Response({"order": found})
