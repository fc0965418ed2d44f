# twin: CWE-89
"""Members of clubs."""

import sqlite3

from pyramid.view import view_config

connection = sqlite3.connect("members.db")


def member_by_club(club):
    rows = connection.execute("select name from members where club = ?", (club,)).fetchall()
    return rows


@view_config(route_name="members", renderer="json")
def count_members(request):
    club = request.matchdict["club"]
    found = member_by_club(club)
    return {"member": found}
