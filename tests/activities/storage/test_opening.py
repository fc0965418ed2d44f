"""Opening the records a second time in one process."""

import subprocess
import sys
from pathlib import Path

from activities.storage.sqlite_reader import SqliteReader
from workers.core.records import Records

WRITES = """
import sqlite3, sys
records = sqlite3.connect(sys.argv[1])
records.execute("create table of_another (n)")
records.commit()
records.close()
"""


def test_who_has_the_records_open_sees_what_others_write_although_they_are_opened_again(tmp_path: Path) -> None:
    """SQLite, "how to corrupt a database file", 2.2: a lock ends when the process closes the file elsewhere."""
    place = tmp_path / "records.db"
    Records.at(place).close()
    reader = SqliteReader(place)
    reader.rows("select 1")
    Records.at(place).close()
    for name in (
        "of_another",
        "of_another_too",
    ):  # the last one that closes removes the log, if nobody seems to have it open
        subprocess.run([sys.executable, "-c", WRITES.replace("of_another", name), place], check=True)
    assert len(reader.rows("select name from sqlite_master where name like 'of_another%'")) == 2
