# real: CWE-95
"""The fleet of a depot."""

import code

from fastapi import FastAPI

app = FastAPI()


@app.get("/vehicles")
async def look_vehicles(depot_name: str):
    depot = depot_name
    chosen = {"depot": depot}
    chosen.setdefault("depot", "central")
    wanted_depot = chosen["depot"]
    shell = code.InteractiveInterpreter()
    total = shell.runsource(wanted_depot)
    return {"vehicle": total}
