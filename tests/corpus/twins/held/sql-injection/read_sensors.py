# real: CWE-89
"""Sensors in a house."""

from dataclasses import dataclass

import aiomysql
from fastapi import FastAPI

app = FastAPI()


@dataclass
class Wanted:
    kind: str
    text: str


class Sensors:
    def __init__(self, owner):
        self.owner = owner

    async def by_room(self, room):
        pool = await aiomysql.create_pool(db="sensors")
        async with pool.acquire() as link, link.cursor() as cursor:
            await cursor.execute(f"select name from sensors where room like '%{room}%'")
            rows = await cursor.fetchall()
        return rows


@app.get("/sensors")
async def read_sensors(room_name: str):
    room = room_name
    wanted = Wanted("kitchen", room)
    wanted_room = wanted.text
    found = await Sensors("desk").by_room(wanted_room)
    return {"sensor": found}
