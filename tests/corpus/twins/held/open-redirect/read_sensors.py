# real: CWE-601
"""Sensors in a house."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

app = FastAPI()


@dataclass
class Wanted:
    kind: str
    text: str


@app.get("/sensors")
async def read_sensors(room_name: str):
    room = room_name
    wanted = Wanted("kitchen", room)
    wanted_room = wanted.text
    return RedirectResponse("https://" + wanted_room)
