# real: CWE-79
"""Tickets of the help desk."""

from django.http import HttpResponse
from django.views import View


class TicketsView(View):
    def get(self, request):
        queue = request.headers.get("X-Queue", "")
        return HttpResponse("<a title='" + queue + "'>tickets</a>", content_type="text/html")
