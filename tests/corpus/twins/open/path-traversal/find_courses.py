# real: CWE-22
"""Courses of a term."""

import aiofiles
from fastapi import APIRouter, Request

router = APIRouter()


@router.post("/courses")
async def find_courses(request: Request):
    term = (await request.json())["term"]
    wanted = {"sort": "spring"}
    wanted["term"] = term
    wanted_term = wanted["term"]
    async with aiofiles.open(f"/srv/courses/{wanted_term}") as file:
        body = await file.read()
    return {"course": body}
