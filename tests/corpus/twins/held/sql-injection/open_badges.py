# twin: CWE-89
"""Badges at the door."""

import psycopg
from django.http import JsonResponse
from psycopg import sql


def open_badges(request):
    level = request.GET.get("level", "")
    with psycopg.connect("dbname=badges") as link:
        query = sql.SQL("delete from badges where {} = 1").format(sql.Identifier(level))
        rows = link.execute(query).rowcount
    return JsonResponse({"badge": rows})
