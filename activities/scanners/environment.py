"""What every scanner gets: a private home, no settings of the user, no telemetry, no colours."""

from __future__ import annotations

from pathlib import Path


def environment(scratch: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "home"),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
    }


def relative(path: str, target: Path) -> str:
    """A path as the repository's readers know it."""
    try:
        return Path(path).resolve().relative_to(target).as_posix()
    except ValueError:
        return path


def python_files(target: Path) -> list[Path]:
    return [path for path in target.rglob("*.py") if path.is_file() and not path.is_symlink()]
