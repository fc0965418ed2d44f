# real: CWE-611
"""Tickets of the help desk."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import ticket_by_queue


class TicketsList(APIView):
    def post(self, request):
        queue = request.data["queue"]
        found = ticket_by_queue(queue)
        return Response({"ticket": found})
