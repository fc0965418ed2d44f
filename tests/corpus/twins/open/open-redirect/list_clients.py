# real: CWE-601
"""Clients of a branch."""

from sanic import Sanic
from sanic.response import redirect

app = Sanic("clients")


@app.get("/clients")
async def list_clients(request):
    branch = request.json["branch"]
    return redirect(f"{branch}#top")
