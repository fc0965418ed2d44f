"""JSON and signals from CPython's own C modules, without the Python layers around them.

A supervisor starts once per job, and importing json and signal (with re, enum, functools, collections) costs a good
part of that (`process_job` in `make bench`). Interpreters without these modules use the usual ones.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, without importing it
if TYPE_CHECKING:
    from typing import Any

    from domain.core.values import Json

try:
    import _json
    import _signal as signal  # type: ignore[import-not-found]

    class _Context:
        strict = True
        object_hook = object_pairs_hook = None
        parse_float, parse_int = float, int
        memo: dict[str, str] = {}

        @staticmethod
        def parse_constant(name: str) -> float:
            return float(name.replace("Infinity", "inf"))

    _scan = _json.make_scanner(_Context())  # type: ignore[arg-type]
    _text = _json.encode_basestring
    _encode = _json.make_encoder(None, None, _text, None, ": ", ", ", False, False, True)  # type: ignore[arg-type]

    def loads(text: str) -> Any:  # as `json.loads`
        """Raises ValueError or StopIteration for invalid JSON; the engine wrote it, so that is a bug."""
        return _scan(text.strip(), 0)[0]

    def dumps(value: Json) -> str:
        return "".join(_encode(value, 0))

    quoted = _text

except (ImportError, AttributeError, TypeError):  # pragma: no cover
    import json
    import signal

    def loads(text: str) -> Any:  # as `json.loads`
        return json.loads(text)

    def dumps(value: Json) -> str:
        return json.dumps(value, ensure_ascii=False)

    def quoted(text: str) -> str:
        return dumps(text)


SIGTERM, SIGKILL, SIGSTOP = int(signal.SIGTERM), int(signal.SIGKILL), int(signal.SIGSTOP)
DEFAULT, IGNORE = signal.SIG_DFL, signal.SIG_IGN
on_signal = signal.signal


def read(path: str) -> Any:  # as `json.load`: whoever reads a file knows what it wrote there
    with open(path, encoding="utf-8") as file:
        return loads(file.read())


def write(path: str, value: Json) -> None:
    """Atomic, also when the process is killed. After a loss of power it may be missing, which is safe."""
    import os

    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(dumps(value))
    os.replace(f"{path}.new", path)
