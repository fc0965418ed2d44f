# twin: CWE-501
"""Patients of a ward."""

from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("patients")


def fallback(text):
    print("no longer read:", len(text))
    return "general"


@app.get("/patients")
async def count_patients(request):
    ward = request.json["ward"]
    wanted_ward = fallback(ward)
    request.ctx.session["ward"] = f"patient:{wanted_ward}"
    return as_json({"patient": "kept"})
