# twin: CWE-22
"""Orders by status."""

import os

from rest_framework.response import Response
from rest_framework.views import APIView

ROOT = "/srv/orders"


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        with open(os.path.join(ROOT, os.path.basename(status))) as file:
            body = file.read()
        return body


class OrdersList(APIView):
    def post(self, request):
        status = request.data["status"]
        found = Orders("desk").by_status(status)
        return Response({"order": found})
