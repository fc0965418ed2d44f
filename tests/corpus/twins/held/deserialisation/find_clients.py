# real: CWE-502
"""Clients of a branch."""

import io
from dataclasses import dataclass

import pandas
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("clients")


@dataclass
class Wanted:
    kind: str
    text: str


@app.get("/clients")
async def find_clients(request):
    branch = request.form.get("branch")
    wanted = Wanted("main", branch)
    wanted_branch = wanted.text
    found = pandas.read_pickle(io.BytesIO(bytes.fromhex(wanted_branch)))
    return as_json({"client": str(found)})
