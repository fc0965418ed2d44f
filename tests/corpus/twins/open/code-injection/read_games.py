# real: CWE-95
"""Games of a league."""

from django.http import JsonResponse
from django.views import View


class Games:
    def __init__(self, owner):
        self.owner = owner

    def by_league(self, league):
        scope = {"game": 1}
        exec(league, scope)
        total = scope["game"]
        return total


class GamesView(View):
    def get(self, request):
        league = request.headers.get("X-League", "")
        found = Games("desk").by_league(league)
        return JsonResponse({"game": found})
