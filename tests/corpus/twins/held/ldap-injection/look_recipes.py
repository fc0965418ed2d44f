# real: CWE-90
"""Recipes people have shared."""

import io

import ldap3
from fastapi import APIRouter, Request

router = APIRouter()
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


@router.post("/recipes")
async def look_recipes(request: Request):
    cuisine = request.headers.get("x-cuisine", "")
    page = io.StringIO()
    page.write(cuisine)
    wanted_cuisine = page.getvalue()
    link.search(f"ou={wanted_cuisine},dc=example", "(objectClass=person)")
    people = len(link.entries)
    return {"recipe": people}
