# twin: CWE-95
"""Lines of a bus company."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/routes")
async def show_routes(line_name: str):
    line = line_name
    wanted_line = line.strip()
    print("asked for", len(wanted_line))
    wanted_line = "red"
    total = eval(f"{wanted_line} * 1.2", {"__builtins__": {}})
    return {"route": total}
