# twin: CWE-502
"""Clients of a branch."""

import yaml
from fastapi import FastAPI

app = FastAPI()


@app.get("/clients")
async def show_clients(branch_name: str):
    branch = branch_name
    found = yaml.safe_load(branch)
    return {"client": str(found)}
