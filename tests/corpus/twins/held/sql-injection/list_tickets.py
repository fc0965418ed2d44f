# real: CWE-89
"""Tickets of the help desk."""

import psycopg
from django.http import JsonResponse
from django.views import View


def ticket_by_queue(queue):
    with psycopg.connect("dbname=tickets") as link:
        query = "delete from tickets where queue = '%s'" % queue
        rows = link.execute(query).rowcount
    return rows


class TicketsView(View):
    def get(self, request):
        queue = self.request.GET.get("queue", "")
        found = ticket_by_queue(queue)
        return JsonResponse({"ticket": found})
