# twin: CWE-79
"""Games of a league."""

from django.http import HttpResponse
from django.views import View


class GamesView(View):
    def get(self, request):
        league = request.GET.get("league", "")
        return HttpResponse("<li>%d letters</li>" % len(league), content_type="text/html")
