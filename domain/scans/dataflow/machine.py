"""The interpreter's core: frames, budgets, findings, and the way from a syntax node to what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from domain.scans.dataflow import invoking, linking, objects, storing
from domain.scans.dataflow.callers import Site
from domain.scans.dataflow.calls import call
from domain.scans.dataflow.clearing import CODE, Met
from domain.scans.dataflow.dependencies import Function, Touched
from domain.scans.dataflow.expressions import EXPRESSIONS
from domain.scans.dataflow.frames import Frame
from domain.scans.dataflow.heat import Heat
from domain.scans.dataflow.invoking import Memory
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.linking import Links
from domain.scans.dataflow.meter import Meter, OverBudget
from domain.scans.dataflow.models.model import QUEUE, REMOTE
from domain.scans.dataflow.models.rules import RULES
from domain.scans.dataflow.project import FuncInfo, ModuleInfo, Project
from domain.scans.dataflow.proving import is_provable
from domain.scans.dataflow.reporting import Hit, best, harmful
from domain.scans.dataflow.routed import is_numbered
from domain.scans.dataflow.state import Obj, State, joined_objects
from domain.scans.dataflow.statements import STATEMENTS
from domain.scans.dataflow.values import (
    MAX_SIZE,
    UNKNOWN,
    Code,
    Label,
    LabelKey,
    Other,
    Ref,
    Taint,
    Trail,
    Tuple,
    Value,
    keys,
    size_of,
    united,
)

MAX_DEPTH = 150
"""Expressions in expressions; a function with deeper ones is named as not followed."""


class Machine:
    """Interprets functions of one project; not reusable over threads."""

    over_budget = (OverBudget, RecursionError)

    def __init__(self, project: Project, heat: Heat | None = None) -> None:
        self.project, self.heat = project, heat or Heat()
        self.meter = Meter()
        self.links, self.memory = Links(project, self.meter), Memory()
        self.hits: dict[str, dict[tuple[str, str, int, int], Hit]] = {}
        """By the file that is entered."""
        self.met: dict[str, dict[tuple[str, str, int, int], Met]] = {}
        """Sinks that were seen, by the file that is entered."""
        self.through: set[FuncInfo] = set()
        """Functions that were called on the way to a sink."""
        self.sites: dict[FuncInfo, set[tuple[str, int, int, bool]]] = {}
        """Where functions were called by this file, and whether that was in the function that was entered."""
        self.skipped: set[Function] = set()
        """Functions that this file has called and that were not run for it."""
        self.cut: set[tuple[str, str]] = set()
        """Functions, by file and name, that took too many steps."""
        self.urgent: set[tuple[str, str]] = set()
        """Those of them that had a stranger's value before they were left."""
        self.reached = False
        """A function of this file, or one that it calls, has met a stranger's value."""
        self.frame = Frame(ModuleInfo("", "", ast.Module([], []), []))
        self.stack: list[FuncInfo] = []
        self.entry: FuncInfo | None = None
        """The function that was entered, with parameters that nobody knows; None in the body of a module."""
        self.depth, self.serial, self.typing = 0, 0, 0
        self.owner = ""
        self.written: dict[tuple[object, str], Taint] = {}
        """Labels of what functions have put into variables of modules, classes and outer functions, since `begin`."""
        self.contexts: dict[tuple[object, ...], int] = {}
        """Numbers of the frames of this file."""
        self.later: list[Code] = []
        """Functions that were defined in others, to be entered on their own."""

    # -- entering ------------------------------------------------------------------------------------------------

    def begin(self, module: ModuleInfo) -> None:
        """What follows belongs to this file: results of calls are not shared, so that each file stands for itself."""
        self.owner, self.links.touched, self.reached = module.path, Touched(), False
        self.skipped.clear()
        self.through.clear()
        self.sites.clear()
        self.memory.kept.clear()
        self.contexts.clear()
        self.written.clear()

    def finish(self, module: ModuleInfo) -> list[Hit]:
        """What was found since."""
        return list(self.hits.get(module.path, {}).values())

    def sinks(self, module: ModuleInfo) -> list[Met]:
        """The sinks that were seen since; none is clear if something was not followed to its end, or may be missed."""
        met = list(self.met.get(module.path, {}).values())
        cut = any(path == module.path for path, _ in self.cut)
        plain: dict[tuple[FuncInfo | None, bool], bool] = {}
        for one in met:
            key = (one.func, one.rule == CODE)
            if one.clear and not cut and key not in plain:
                plain[key] = is_provable(one.func, code=one.rule == CODE)
            one.clear = one.clear and not cut and plain[key]
        return met

    def calls(self) -> tuple[Site, ...]:
        """The calls that led to sinks."""
        made = {
            Site(path, line, column, info.module.path, info.node.lineno, entered)
            for info in self.through
            for path, line, column, entered in self.sites.get(info, ())
        }
        return tuple(sorted(made, key=lambda one: (one.path, one.line, one.column, one.callee_path, one.callee_line)))

    def call(self, info: FuncInfo, node: ast.AST) -> None:
        """A function is called at a node."""
        place = (self.frame.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0), self.at_entry())
        self.sites.setdefault(info, set()).add(place)

    def at_entry(self) -> bool:
        """In the function that was entered itself, not in one that it calls."""
        return len(self.stack) == 1 and self.frame.func is self.stack[0] is self.entry

    def give_up(self) -> None:
        """Something that may matter is not followed: the function that was entered is named."""
        if self.stack:
            self.cut.add((self.owner, self.stack[0].qualified))
        else:
            self.cut.add((self.owner, "the module's body"))

    def is_entry(self, info: FuncInfo) -> bool:
        """Something from outside may start in it."""
        return (info.module.path, info.node.lineno) in self.heat.entries

    def is_warm(self, info: FuncInfo) -> bool:
        """It may hand its callers something from outside."""
        return (info.module.path, info.node.lineno) in self.heat.warm

    def new_frame(
        self,
        module: ModuleInfo,
        func: FuncInfo | None = None,
        closure: dict[str, Value] | None = None,
        depth: int = 0,
        serial: int = 0,
    ) -> Frame:
        """A frame of its own, whose objects are told from those of others."""
        self.serial += 1
        return Frame(module, func, serial or self.serial, closure, depth)

    # -- steps ---------------------------------------------------------------------------------------------------

    def eval(self, node: ast.expr, st: State) -> Value:
        """The value of an expression."""
        self.meter.spend(1)
        if self.depth >= MAX_DEPTH:
            self.give_up()
            return UNKNOWN
        self.depth += 1
        try:
            if type(node) is ast.Call:
                return call(self, node, st)
            known = EXPRESSIONS.get(type(node))
            return known(self, node, st) if known else UNKNOWN
        finally:
            self.depth -= 1

    def run(self, body: Iterable[ast.stmt], st: State) -> None:
        """Statements in order, until none is reached any more; within a `try`, each may raise."""
        self._may_raise(st)
        for one in body:
            if not st.alive:
                return
            known = STATEMENTS.get(type(one))
            if known:
                known(self, one, st)
            self._may_raise(st)

    def _may_raise(self, st: State) -> None:
        if self.frame.raised and st.alive:
            self.frame.raised[-1].append(st.copy())

    # -- what other parts do for expressions and statements --------------------------------------------------------

    def lookup(self, name: str, st: State) -> Value:
        """The value of a variable."""
        return linking.lookup(self, name, st)

    def attribute(self, base: Value, attr: str, st: State, node: ast.AST) -> Value:
        """`base.attr`."""
        return objects.attribute(self, base, attr, st, node)

    def item(self, base: Value, key: Value, st: State, node: ast.AST) -> Value:
        """`base[key]`."""
        return objects.item(self, base, key, st, node)

    def assign(self, target: ast.expr, value: Value, st: State) -> None:
        """`target = value`."""
        storing.assign(self, target, value, st)

    def element_of(self, value: Value, st: State, node: ast.AST | None = None) -> Value:
        """What a loop over the value gets."""
        return objects.element_of(self, value, st, node)

    def invoke(self, code: Code, args: list[Value], named: dict[str, Value], st: State, node: ast.AST) -> Value:
        """Calls a function or class of the project."""
        return invoking.invoke(self, code, args, named, st, node)

    def elements(self, nodes: list[ast.expr], st: State) -> tuple[list[Value], Value | None]:
        """Values of a display or of arguments; the second stands for those of starred ones that are not known."""
        found: list[Value] = []
        rest: Value | None = None
        for one in nodes:
            value = self.eval(one, st)
            if not isinstance(one, ast.Starred):
                found.append(value)
                continue
            obj = st.obj(value) if isinstance(value, Ref) else None
            items = value.items if isinstance(value, Tuple) else obj.items if obj and obj.rest is None else None
            if items is not None and len(found) + len(items) <= MAX_SIZE:
                found.extend(items)
            else:
                element = self.element_of(value, st)
                rest = element if rest is None else joined(rest, element)
        return found, rest

    def joined_all(self, values: list[Value]) -> Value:
        """What holds of all of them."""
        result: Value | None = None
        self.meter.spend(len(values) >> 3)
        for one in values:
            self.meter.spend(size_of(one) >> 2)
            result = one if result is None else joined(result, one)
        return UNKNOWN if result is None else result

    def made(self, node: ast.AST | None, st: State, content: Obj) -> Ref:
        """A new object; in a loop, the same place makes the same object again."""
        if node is None:
            self.serial += 1
            ref = Ref((self.serial, 0))
        else:
            ref = Ref((id(node), self.frame.serial))
        before = st.heap.get(ref.oid)
        if before is not None and before is not content:
            content = joined_objects(before, content)
            content.many = True
        st.heap[ref.oid] = content
        return ref

    def write(self, where: object, name: str, value: Value, st: State) -> None:
        """A function changes a variable that is not its own: whoever reads it may get that, in whatever order."""
        taint = st.labels(value)
        before = self.written.get((where, name), ())
        if taint and keys(taint) != keys(before):
            self.written[where, name] = united(before, taint)
            self.memory.kept.clear()

    def written_to(self, where: object, name: str, value: Value) -> Value:
        """The value of such a variable, and what was put into it."""
        taint = self.written.get((where, name))
        return value if taint is None else joined(value, Other(taint))

    def within(self, *places: object) -> int:
        """The number of a frame: the same for the same call in the same frame, so that a loop can settle."""
        key = (self.frame.serial, *places)
        known = self.contexts.get(key)
        if known is None:
            self.serial += 1
            known = self.contexts[key] = self.serial
        return known

    def lambda_info(self, node: ast.Lambda) -> FuncInfo:
        """The function of a lambda."""
        known = self.frame.module.by_node.get(node)
        if not isinstance(known, FuncInfo):
            known = FuncInfo("lambda", node, self.frame.module, None, self.frame.func)
            self.frame.module.by_node[node] = known
        return known

    # -- labels and findings -----------------------------------------------------------------------------------------

    def label(self, kind: str, text: str, node: ast.AST) -> Label:
        """A label of a source at a node."""
        self.reached = self.reached or kind in (REMOTE, QUEUE)
        path, line = self.frame.module.path, getattr(node, "lineno", 1)
        key: LabelKey = (path, line, getattr(node, "col_offset", 0), kind)
        return Label(key, kind, Trail(None, path, line, text))

    def source(self, kind: str, text: str, node: ast.AST, name: str = "") -> Other:
        """A value from outside."""
        return Other((self.label(kind, text, node),), name)

    def harm(self, rule: str, taint: Taint, st: State, node: ast.AST, lead: bool = False) -> None:
        """Reports labels that reach a sink uncleaned."""
        if not taint:
            return
        label = best(harmful(RULES[rule], taint, st.facts, lead))
        numbered = is_numbered(taint)
        self.seen(rule, node, clear=label is None and (not numbered or self.at_entry()), numbered=numbered)
        if label is not None:
            self.hit(rule, node, label)

    def predictable(self, taint: Taint, st: State, node: ast.AST, what: str) -> None:
        """Reports a generator where it is called, once, however many secrets are made of it."""
        for label in harmful(RULES["dataflow-weak-random"], taint, st.facts, False):
            path, line = label.key[0], label.key[1]
            assert isinstance(path, str)
            assert isinstance(line, int)
            used = label.stepped(self.frame.module.path, getattr(node, "lineno", 1), what)
            self._keep(Hit("dataflow-weak-random", path, line, line, used), 0)

    def seen(self, rule: str, node: ast.AST, *, clear: bool, numbered: bool = False) -> None:
        """A sink was looked at; it is clear as long as all that is seen there does no harm."""
        key = (rule, self.frame.module.path, getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        one = self.met.setdefault(self.owner, {}).setdefault(key, Met(rule, self.frame.module, self.frame.func, node))
        one.clear = one.clear and clear
        one.entered = one.entered or self.at_entry()
        one.numbered = one.numbered or numbered
        self.through.update(self.stack)

    def hit(self, rule: str, node: ast.AST, label: Label | None = None, message: str = "") -> None:
        """Reports a place; the shortest way to it is kept."""
        path, line = self.frame.module.path, getattr(node, "lineno", 1)
        end = getattr(node, "end_lineno", None) or line
        one = Hit(rule, path, line, end, label, message)
        self._keep(one, getattr(node, "col_offset", 0))

    def _keep(self, one: Hit, column: int) -> None:
        key = (one.rule, one.path, one.line, column)
        mine = self.hits.setdefault(self.owner, {})
        known = mine.get(key)
        if known is None or one.rank < known.rank:
            mine[key] = one
