# real: CWE-611
"""Members of clubs."""

import io

from fastapi import APIRouter, Request
from lxml import etree

router = APIRouter()
VERSION = 2


@router.post("/members")
async def read_members(request: Request):
    club = request.headers.get("x-club", "")
    wanted_club = club if VERSION >= 2 else "chess"
    parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
    root = etree.parse(io.BytesIO(wanted_club.encode()), parser).getroot()
    return {"member": root.tag}
