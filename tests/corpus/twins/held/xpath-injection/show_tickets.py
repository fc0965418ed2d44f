# twin: CWE-643
"""Tickets of the help desk."""

import elementpath
from fastapi import FastAPI
from lxml import etree

app = FastAPI()
catalogue = etree.parse("tickets.xml")


@app.get("/tickets")
async def show_tickets(queue_name: str):
    queue = queue_name
    nodes = elementpath.select(catalogue, "//ticket[@queue=$wanted]", variables={"wanted": queue})
    return {"ticket": len(nodes)}
