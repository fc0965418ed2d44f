# real: CWE-78
"""Departures at a gate."""

import asyncio

from fastapi import FastAPI

app = FastAPI()
VERSION = 2


async def flight_by_gate(gate):
    child = await asyncio.create_subprocess_shell(f"notify-flight {gate}")
    status = await child.wait()
    return status


@app.get("/flights")
async def show_flights(gate_name: str):
    gate = gate_name
    wanted_gate = gate if VERSION >= 2 else "a1"
    found = await flight_by_gate(wanted_gate)
    return {"flight": found}
