"""Where a value can be seen that nobody should see: files of a folder, commands and environments of processes."""

from __future__ import annotations

from pathlib import Path


def places(value: str, *folders: Path) -> list[str]:
    """Every file, command line and environment that has it."""
    wanted = value.encode()
    found = [
        str(one) for folder in folders for one in folder.rglob("*") if one.is_file() and wanted in one.read_bytes()
    ]
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                if wanted in (process / name).read_bytes():
                    found.append(f"{process}/{name}")
            except OSError:
                continue
    return found
