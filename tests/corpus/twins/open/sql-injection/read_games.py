# twin: CWE-89
"""Games of a league."""

from django.http import JsonResponse
from django.views import View
from sqlalchemy import create_engine, text

engine = create_engine("postgresql:///games")


def game_by_league(league):
    with engine.connect() as link:
        rows = link.execute(text("select name from games where league = :league"), {"league": league}).all()
    return rows


class GamesView(View):
    def get(self, request):
        league = request.headers.get("X-League", "")
        found = game_by_league(league)
        return JsonResponse({"game": found})
