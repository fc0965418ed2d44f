"""`sluiceway` as a person types it: in this process, or as a process of its own where that is what a test is about."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.patience import patient
from tests.support.programs import program
from workers.cli import main
from workers.core.settings import load
from workers.engine import embedded as engine

LIMIT_S = patient(120)


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


def sluiceway(*arguments: object, cwd: Path, env: Mapping[str, str]) -> Said:
    """What a person would see who gives this command in that folder."""
    return Said(*call(*map(str, arguments), cwd=cwd, env=env))


def call(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors of a command in this process: all that the program does but for starting an interpreter."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    codes: list[int | BaseException] = []

    def run() -> None:  # in a thread of its own, since a command runs an event loop and so may the test
        try:
            codes.append(main._run())
        except BaseException as bug:
            codes.append(bug)

    with _as_typed(arguments, cwd, env or {}), redirect_stdout(out), redirect_stderr(err):
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(LIMIT_S)
    code = codes[0] if codes else None
    if code is None or isinstance(code, BaseException):
        raise AssertionError(f"{arguments}: no exit code; {_text(err)}") from code
    return code, _text(out), _text(err)


def said(*arguments: str, cwd: Path | None = None) -> str:
    """What a command prints that passes."""
    code, out, err = call(*arguments, cwd=cwd)
    assert code == 0, out + err
    return out


def spawn(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """The same of a process."""
    done = subprocess.run(
        [program("sluiceway"), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env={**os.environ, **(env or {})},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


@contextmanager
def _as_typed(arguments: tuple[str, ...], cwd: Path | None, env: Mapping[str, str]) -> Iterator[None]:
    argv, muted = sys.argv, logging.root.manager.disable
    with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path()):
        for name, value in env.items():
            patch.setenv(name, value)
        sys.argv = [program("sluiceway"), *arguments]
        try:
            yield
        finally:
            sys.argv = argv
            logging.disable(muted)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def running(home: Path) -> Iterator[Path]:
    """An engine as `sluiceway up` starts it, on a home that is the current one meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLUICEWAY_HOME", str(home))
        patch.setenv("SLUICEWAY_KEYS", str(home.parent / "keys"))
        patch.delenv("SLUICEWAY_ADDRESS", raising=False)
        engine.up(load(), path=str(Path(sys.executable).parent))
        yield home
        engine.down(load())


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One engine for the commands of a module; its home."""
    with running(tmp_path_factory.mktemp("cli") / "home") as home:
        yield home


HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {}\n"


def definition(folder: Path, name: str, jobs: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "p.yaml").write_text(HEAD.format(name) + jobs)
    return folder
