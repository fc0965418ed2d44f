"""A home of an older engine keeps every row, once, and after a copy; a home of a newer one is refused."""

import io
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from activities.access.identity_store import Identity
from activities.storage import migration, new_home
from activities.storage.opening import open_database
from activities.storage.schema import SCHEMA
from activities.storage.sqlite_reader import SqliteReader
from domain.core.errors import SluicewayError
from domain.pipelines.cache import Entry
from tests.activities.storage.homes import BEFORE_ATTEMPTS, home_of_before, migrated
from tests.support.profile import first_of, times
from workers.core.listing import open_listing
from workers.core.records import Records
from workers.core.settings import Settings
from workers.engine import embedded

ROOT = Path(__file__).parents[3]


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("records.before-*.db"))


def test_a_home_of_before_keeps_every_row(tmp_path: Path) -> None:
    records = Records.at(home_of_before(tmp_path / "records.db"))
    first, again = records.runs.attempts("web", 7)

    assert (first["reason"], first["report"], first["commit_id"], first["path"]) == (
        *("exit code 1", "page"),
        *("c0ffee", "p.yaml"),
    )
    assert (again["id"], again["attempt"], again["ended_at"]) == ("run/web/7.2", 2, None)
    assert [(job["job"], job["result"]) for job in records.runs.jobs("run/web/7")] == [("test", '{"log":"abc"}')]
    assert records.definitions.get("Environment", "production") == {"trust": "signed"}
    assert records.identities.all() == [Identity("ann", "key", ("managers",))]
    assert [release["started_at"] for release in records.releases.of_run("run/web/7")] == [2.5]
    assert records.caches.entries() == [Entry("branch/main", "key", "digest", 60, 1.5, 2.5)]
    assert [(one["job"], one["signature"]) for one in records.baselines.all()] == [("scan", "signature")]
    assert records.attestations.get("subject", "scan") == "digest"


def test_a_home_from_before_attempts_keeps_its_runs(tmp_path: Path) -> None:
    records = Records.at(home_of_before(tmp_path / "records.db", BEFORE_ATTEMPTS))

    assert [(run["id"], run["attempt"], run["source"]) for run in records.runs.latest()] == [("run/web/7", 1, "{}")]


def test_a_copy_of_the_records_as_they_were_lies_beside_them_for_their_owner_alone(tmp_path: Path) -> None:
    path = home_of_before(tmp_path / "records.db")
    path.chmod(0o644)
    Records.at(path)
    (copy,) = copies(tmp_path)

    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("select count(*) from runs").fetchone() == (2,)
    assert [one.stat().st_mode & 0o777 for one in (copy, path)] == [0o600] * 2
    assert list(tmp_path.glob("*.part")) == []


def test_a_new_home_is_its_owners_alone_and_needs_no_copy(tmp_path: Path) -> None:
    Records.at(tmp_path / "home" / "records.db")

    assert (tmp_path / "home" / "records.db").stat().st_mode & 0o777 == 0o600
    assert copies(tmp_path / "home") == []


def test_a_list_migrates_a_home_too(tmp_path: Path) -> None:
    home_of_before(tmp_path / "records.db")

    assert [run["id"] for run in open_listing(Settings(tmp_path, tmp_path)).runs.latest()] == [
        *("run/web/7.2", "run/web/7"),
    ]
    assert len(copies(tmp_path)) == 1


def test_a_list_of_a_home_without_records_makes_no_file(tmp_path: Path) -> None:
    assert SqliteReader(tmp_path / "records.db").rows("select 1") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", first_of(2, 0))
def test_processes_that_open_a_home_at_once_migrate_it_once(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "records.db"
    if rows:
        home_of_before(path)
    code = "import sys; from pathlib import Path; from workers.core.records import Records; import alembic.command\n"
    code += "print('ready', flush=True); sys.stdin.readline()\n"
    code += f"print(len(Records.at(Path({str(path)!r})).runs.latest()), flush=True)"
    ask, pipe = [sys.executable, "-c", code], subprocess.PIPE
    processes = [subprocess.Popen(ask, stdin=pipe, stdout=pipe, text=True) for _ in range(times(2, 4))]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [process.communicate()[0] for process in processes] == [f"{rows}\n"] * len(processes)
    assert len(copies(tmp_path)) == bool(rows)


def test_a_migration_that_breaks_off_leaves_the_home_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, upgrade = home_of_before(tmp_path / "records.db"), command.upgrade

    def breaks_off(settings: Config, target: str) -> None:
        upgrade(settings, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        Records.at(path)
    with closing(sqlite3.connect(path)) as database:
        names = {name for (name,) in database.execute("select name from sqlite_master where type != 'index'")}
        assert database.execute("select count(*) from runs").fetchone() == (2,)

    assert names.isdisjoint({"pipeline_runs", "alembic_version"})
    monkeypatch.undo()
    assert len(Records.at(path).runs.latest()) == 2


@pytest.mark.parametrize("read", [lambda path: SqliteReader(path).rows("select 1"), open_database])
def test_records_of_a_newer_engine_are_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    path = tmp_path / "records.db"
    open_database(path).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(SluicewayError, match="belong to a newer engine") as refused:
        read(path)
    assert (refused.value.code, refused.value.where) == ("SLW806", str(path))
    assert (SCHEMA in refused.value.why, "upgrade" in refused.value.fix) == (True, True)


@pytest.mark.parametrize("read", [lambda path: SqliteReader(path).rows("select 1"), open_database])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    (tmp_path / "records.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(SluicewayError, match="cannot be opened") as refused:
        read(tmp_path / "records.db")
    assert (refused.value.code, "not a database" in refused.value.why) == ("SLW807", True)


def test_a_new_home_has_the_schema_that_the_migrations_give(tmp_path: Path) -> None:
    assert new_home.script(migrated(tmp_path / "migrated.db")) == new_home.SCRIPT.read_text(), "run `make docs`"
    assert new_home.script(open_database(tmp_path / "new.db")) == new_home.SCRIPT.read_text()


def test_the_code_knows_the_last_migration() -> None:
    assert ScriptDirectory.from_config(migration.config()).get_heads() == [SCHEMA]


def test_nothing_is_migrated_and_alembic_not_loaded_where_the_schema_is_current(tmp_path: Path) -> None:
    open_database(tmp_path / "records.db").close()
    code = f"import sys; from workers.core.records import Records; Records.at({f'sqlite:///{tmp_path}/records.db'!r})"
    told = [sys.executable, "-c", code + "; print('alembic' in sys.modules)"]
    assert subprocess.run(told, capture_output=True, text=True, check=True).stdout == "False\n"


def test_an_engine_does_not_start_on_records_of_a_newer_one(tmp_path: Path) -> None:
    open_database(tmp_path / "records.db").close()
    with closing(sqlite3.connect(tmp_path / "records.db")) as database, database:
        database.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(SluicewayError, match="belong to a newer engine"):
        embedded.up(Settings(tmp_path, tmp_path))
    assert not (tmp_path / "engine").exists()


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The code of the last commit whose records knew no migrations, in a folder of its own."""
    gone = ["git", "log", "-1", "--no-renames", "--diff-filter=D", "--format=%H^", "--"]
    paths = ["activities/storage/records.py", "activities/records.py"]
    commit = subprocess.run([*gone, *paths], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    archive = ["git", "archive", commit, "activities", "domain"]
    packed = subprocess.run(archive, cwd=ROOT, capture_output=True, check=False)
    if not commit or packed.returncode:
        pytest.skip("this checkout does not know the commit before the records were migrated")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


def test_the_engine_of_before_made_homes_that_are_migrated_and_refuses_them_afterwards(
    before: Path, tmp_path: Path
) -> None:
    path = tmp_path / "records.db"
    module = (
        "activities.storage.records" if (before / "activities/storage/records.py").exists() else "activities.records"
    )
    code = f"import pathlib; from {module} import Records; known = Records(pathlib.Path({str(path)!r}))\n"
    code += "known.define('Environment', 'production', '{}'); print(known.definitions('Environment'))"
    environment = {**os.environ, "PYTHONPATH": str(before)}
    ask = [sys.executable, "-c", code]
    made = subprocess.run(ask, cwd=before, env=environment, capture_output=True, text=True)
    assert made.stdout == "['production']\n", made.stderr
    assert Records.at(path).definitions.names("Environment") == ["production"]

    refused = subprocess.run(ask, cwd=before, env=environment, capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "migrated by a newer sluiceway" in refused.stderr
