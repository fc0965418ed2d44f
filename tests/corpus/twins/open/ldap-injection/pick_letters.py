# twin: CWE-90
"""Letters in folders."""

import ldap3
from fastapi import FastAPI
from ldap3.utils.conv import escape_filter_chars

app = FastAPI()
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Letters:
    def __init__(self, owner):
        self.owner = owner

    def by_folder(self, folder):
        link.search("ou=letters,dc=example", f"(uid={escape_filter_chars(folder)})", attributes=["mail"])
        people = len(link.entries)
        return people


@app.get("/letters")
async def pick_letters(folder_name: str):
    folder = folder_name
    found = Letters("desk").by_folder(folder)
    return {"letter": found}
