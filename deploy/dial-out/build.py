"""Builds the image of the worker in a cluster that dials out: `python deploy/dial-out/build.py OUTPUT`.

It is an archive as `docker load` takes it, from this machine's own interpreter, the libraries that are set up in .venv
and this checkout: nothing is pulled, so it can be built where there is no way out. It has no shell, no package manager
and no tool; of the system it has the shared libraries that the interpreter loads. The same files make the same image.
"""

from __future__ import annotations

import io
import json
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = ("domain", "activities", "workers")
BEGUN = ("workers.cli.main", "workers.cli.dial_out", "workers.dialling.main", "workers.views.output")
"""What its process loads; libraries follow from it."""
PREFIX = Path("opt/python")
NOT_OF_PYTHON = re.compile(
    r"(test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|venv|pydoc_data|site-packages|__pycache__|config-.*)"
    r"|(_tkinter|_test|_ctypes_test|xx).*\.so"
)
NOT_OF_LIBRARIES = re.compile(r"(^|/)(tests?|__pycache__)/|\.(pyi|pyc|c|h|pyx|pxd)$|^\.\.")
UNCHECKED = (1).to_bytes(4, "little")
"""Flags of bytecode that nobody compares with its source (PEP 552): all files have the same time in the image."""
SKIPPED = {"setuptools", "greenlet"}
"""Loaded by a hook of the environment, and by whoever asks whether it is there."""
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
NAMES = "hosts: files dns\n"
USERS = "root:x:0:0::/:/none\nnobody:x:65532:65532::/tmp:/none\n"
SCRIPT = "#!/{python}\nimport sys\nfrom workers.cli.main import main\nsys.exit(main())\n"
LOADED = """
import importlib, json, sys
for name in json.loads(sys.argv[1]): importlib.import_module(name)
print(json.dumps(sorted({one.partition(".")[0] for one in sys.modules})))
"""


def build(output: Path) -> Path:
    """Writes `sluiceway-dial-out-VERSION.tar` into a folder."""
    sys.path.insert(0, str(ROOT))
    from activities.clusters.providers.local.busybox_image import image_of
    from domain.core.documents import Manifest
    from domain.core.version import VERSION
    from domain.inventory.dial_out_manifest import IMAGE, USER

    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        _stage(stage)
        settings: Manifest = {
            "User": f"{USER}:{USER}",
            "Env": ["LANG=C.UTF-8", "PYTHONUNBUFFERED=1", f"LD_LIBRARY_PATH=/{PREFIX}/lib", f"PATH=/{PREFIX}/bin"],
            "WorkingDir": "/tmp",  # noqa: S108 - of the image
            "Entrypoint": [f"/{PREFIX}/bin/sluiceway"],
            "Cmd": ["dial-out", "--help"],
            "Labels": {"org.opencontainers.image.version": VERSION, "org.opencontainers.image.licenses": "Apache-2.0"},
        }
        path = output.resolve() / f"sluiceway-dial-out-{VERSION}.tar"
        return image_of(path, f"{IMAGE}:{VERSION}", _layer(stage), settings, ARCHITECTURES[platform.machine()])


def _stage(stage: Path) -> None:
    python = _python(stage)
    site = stage / PREFIX / "lib" / python / "site-packages"
    for dist in _libraries():
        _library(dist, site)
    for package in OWN:
        for file in sorted((ROOT / package).rglob("*.py")):
            _copied(file, site / file.relative_to(ROOT))
    for one in _shared(stage):
        _copied(one, stage / one.relative_to("/"))
    for name, text in (("etc/nsswitch.conf", NAMES), ("etc/passwd", USERS)):
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text(text)
    script = stage / PREFIX / "bin" / "sluiceway"
    script.write_text(SCRIPT.format(python=PREFIX / "bin" / python))
    script.chmod(0o755)


def _python(stage: Path) -> str:
    """The interpreter and its own library; its name: `python3.11`."""
    base, name = Path(sys.base_prefix), f"python{sys.version_info.major}.{sys.version_info.minor}"
    _copied(base / "bin" / name, stage / PREFIX / "bin" / name)
    shared = Path(str(sysconfig.get_config_var("LIBDIR")), str(sysconfig.get_config_var("INSTSONAME")))
    if shared.is_file():
        _copied(shared, stage / PREFIX / "lib" / shared.name)

    def left_out(_: str, names: list[str]) -> list[str]:
        return [one for one in names if NOT_OF_PYTHON.fullmatch(one)]

    shutil.copytree(base / "lib" / name, stage / PREFIX / "lib" / name, ignore=left_out, copy_function=_copied_by_name)
    return name


def _copied_by_name(source: str, to: str) -> None:
    _copied(Path(source), Path(to))


def _libraries() -> list[metadata.Distribution]:
    """Those that are loaded, and what they say that they need: some load it when they first need it."""
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(BEGUN)], capture_output=True, check=True, cwd=ROOT
    )
    modules, of = json.loads(loaded.stdout), metadata.packages_distributions()
    waiting = [name for one in modules for name in of.get(one, ())]
    found: dict[str, metadata.Distribution] = {}
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in SKIPPED or name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another system, or another Python
            continue
        needed = (one for one in found[name].requires or () if "extra ==" not in one)
        waiting += [re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in needed]
    return [found[name] for name in sorted(found)]


def _library(dist: metadata.Distribution, site: Path) -> None:
    for file in dist.files or ():
        if not NOT_OF_LIBRARIES.search(str(file)):
            _copied(Path(str(dist.locate_file(file))), site / str(file))


def _shared(stage: Path) -> Iterable[Path]:
    """What the system's loader finds for the binaries of the image, at its place on this machine."""
    found: set[Path] = set()
    binaries = [*(stage / PREFIX / "bin").iterdir(), *(stage / PREFIX).rglob("*.so*")]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(stage / PREFIX / "lib")}
    for one in binaries:
        told = subprocess.run(["ldd", str(one)], capture_output=True, text=True, env=environment, check=False)
        paths = (Path(path) for path in re.findall(r"(?:=> |^\t)(/\S+) \(", told.stdout, re.M))
        found |= {path for path in paths if stage not in path.parents}
    return sorted(found)


def _copied(source: Path, to: Path) -> None:
    if source.is_file():
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source.resolve(), to)
        if to.suffix == ".py":
            _compiled(source.resolve(), to)


def _compiled(source: Path, to: Path) -> None:
    """A read-only file system keeps no bytecode, so it is there: what this machine has of it, else made now."""
    known, made = Path(cache_from_source(str(source))), Path(cache_from_source(str(to)))
    body = known.read_bytes() if known.is_file() else b""
    written = int(source.stat().st_mtime) & 0xFFFF_FFFF
    if body[:8] == MAGIC_NUMBER + bytes(4) and body[8:12] == written.to_bytes(4, "little"):
        made.parent.mkdir(exist_ok=True)
        made.write_bytes(MAGIC_NUMBER + UNCHECKED + source_hash(source.read_bytes()) + body[16:])
    else:
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(to), dfile=str(to), invalidation_mode=mode, quiet=2)


def _layer(stage: Path) -> bytes:
    """All of it, in order, of root and of no time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, name in _entries(stage):
            archive.add(path, name, recursive=False, filter=_plain)
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(folder)
    return out.getvalue()


def _entries(stage: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(stage.rglob("*")):
        yield path, str(path.relative_to(stage))


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime, entry.mode = 0, 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1] if len(sys.argv) > 1 else 'dist'))}\n")
