# twin: CWE-22
"""Where patients are kept."""

import aiofiles


async def patient_by_ward(ward):
    async with aiofiles.open(f"/srv/patients/{ward}") as file:
        body = await file.read()
    return body
