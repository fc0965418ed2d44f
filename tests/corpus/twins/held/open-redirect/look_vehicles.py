# twin: CWE-601
"""The fleet of a depot."""

from sanic import Sanic
from sanic.response import redirect

app = Sanic("vehicles")


@app.get("/vehicles")
async def look_vehicles(request):
    depot = request.json["depot"]
    chosen = {"depot": depot}
    chosen.update(depot="central")
    wanted_depot = chosen["depot"]
    return redirect("//%s/vehicles" % wanted_depot)
