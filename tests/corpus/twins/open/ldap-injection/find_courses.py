# real: CWE-90
"""Courses of a term."""

import ldap3
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("courses")
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


@app.get("/courses")
async def find_courses(request):
    term = request.json["term"]
    wanted = {"sort": "spring"}
    wanted["term"] = term
    wanted_term = wanted["term"]
    link.search("ou=courses,dc=example", f"(uid={wanted_term})", attributes=["mail"])
    people = len(link.entries)
    return as_json({"course": people})
