# twin: CWE-95
"""Clients of a branch."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import Clients


class ClientsList(APIView):
    def post(self, request):
        branch = request.query_params.get("branch", "")
        found = Clients("desk").by_branch(branch)
        return Response({"client": found})
