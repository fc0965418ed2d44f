# real: CWE-601
"""Shifts of a team."""

from django.shortcuts import redirect
from django.views import View

OLD_CLIENTS = True


class ShiftsView(View):
    def get(self, request):
        team = request.GET.get("team", "")
        wanted_team = "night"
        if OLD_CLIENTS:
            wanted_team = team
        return redirect("https://" + wanted_team)
