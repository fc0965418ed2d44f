"""What runs: one frame per call."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.scans.dataflow.project import FuncInfo, ModuleInfo
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import Value


@dataclass(eq=False)
class Frame:
    """One running function, or a module's body."""

    module: ModuleInfo
    func: FuncInfo | None = None
    serial: int = 0
    closure: dict[str, Value] | None = None
    depth: int = 0
    answers: str = ""
    """What its result becomes: `page` for a function whose text a browser shows."""
    returns: list[tuple[Value, State]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    breaks: list[list[State]] = field(default_factory=list)
    continues: list[list[State]] = field(default_factory=list)
    raised: list[list[State]] = field(default_factory=list)
    outer_names: set[str] = field(default_factory=set)
