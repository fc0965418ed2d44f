# twin: CWE-89
"""Answers to surveys."""

import asyncpg
from fastapi import FastAPI

app = FastAPI()


class Surveys:
    def __init__(self, owner):
        self.owner = owner

    async def by_panel(self, panel):
        pool = await asyncpg.create_pool(database="surveys")
        rows = await pool.fetch(f"select name from surveys order by {panel}")
        return rows


@app.get("/surveys")
async def pick_surveys(panel_name: str):
    panel = panel_name
    wanted_panel = panel.strip()
    print("asked for", len(wanted_panel))
    wanted_panel = "adults"
    found = await Surveys("desk").by_panel(wanted_panel)
    return {"survey": found}
