# twin: CWE-89
"""Where pumps are kept."""

from sqlalchemy import create_engine, text

engine = create_engine("postgresql:///pumps")


def pump_by_site(site):
    with engine.connect() as link:
        rows = link.execute(text(f"select name from pumps where site = '{site}'")).all()
    return rows
