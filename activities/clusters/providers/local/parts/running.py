"""Starts, watches and ends the parts of a cluster. What was started is recorded first, so that all of it is ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from activities.clusters import add_ons
from activities.clusters.processes import ProgressCallback
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts.known import PARTS
from activities.clusters.providers.local.parts.port import Part, Process, Site
from domain.clusters import metadata
from domain.clusters.parts import LABEL, phase_of
from domain.clusters.plan import PART, Item, Phase
from domain.core.errors import SluicewayError


@dataclass(frozen=True)
class Parts:
    """The parts of one cluster. In `cluster.json` they are `parts`: role to program, and `part-processes`: process to
    the network namespace that it runs in.
    """

    site: Site
    known: Mapping[str, Part] = field(default_factory=lambda: PARTS)

    def blocker(self) -> str:
        """What prevents one of those that are wanted; empty: nothing."""
        for role, program in self.site.spec.parts.items():
            if program not in self.known:
                return f"{program} cannot be the {role} of a cluster here"
            if why := self.known[program].blocker(self.site):
                return why
        return ""

    def apply(self, phase: Phase, told: ProgressCallback) -> None:
        """Ends those of the phase that are not wanted any more, and starts or finds the others."""
        wanted = self.site.spec.parts
        for role, program in self._begun(phase):
            if wanted.get(role) != program:
                told(f"ends {program}")
                self._end(role, program, inside=True)
        for role, part in self._wanted(phase):
            told(f"starts {part.name}")
            self._remember(role, part.name)
            add_ons.lay_down(
                self.site.kube, [metadata.marked(one, labels={LABEL: role}) for one in part.objects(self.site)]
            )
            for one in part.processes(self.site):
                self._start(one)

    def _start(self, one: Process) -> None:
        namespace = one.node.namespace if one.node else ""
        name = one.node.part(one.name) if one.node else one.name
        running = {**self._processes(), name: namespace}
        self.site.plane.remember(**{"part-processes": running})
        port = 0 if namespace else one.port  # from here, a listener on another loopback is invisible
        self.site.plane.components.start(name, machine.inside(namespace, one.command), port, one.env)

    def missing(self, phase: Phase) -> str:
        """What a phase waits for; empty: its parts do their work."""
        return next((why for _, part in self._wanted(phase) if (why := self._trouble(part))), "")

    def drift(self) -> list[str]:
        """Wanted parts that do not do their work, as text."""
        return [f"{role}: {why}" for role, part in self._wanted() if (why := self._trouble(part))]

    def _trouble(self, part: Part) -> str:
        begun = [name for name in self._processes() if _is_of(name, part.name)]
        down = [name for name in begun if not self.site.plane.components.runs(name)]
        if down or not begun:
            return f"{(down or [part.name])[0]} does not run"
        try:
            return part.unready(self.site)
        except SluicewayError as broken:  # the API server was killed: its supervisor restarts it
            return broken.why or broken.what

    def undo(self, phase: Phase, told: ProgressCallback) -> None:
        """Ends those of a phase. Their objects go with the control plane."""
        for role, program in self._begun(phase):
            told(f"ends {program}")
            self._end(role, program, inside=False)

    def leave(self, node: HostNode) -> None:
        """Ends the processes in the network of a node that goes."""
        if node.namespace:
            self._stop([name for name, namespace in self._processes().items() if namespace == node.namespace])

    def existing(self) -> Iterator[Item]:
        """Those that were begun."""
        for role, program in self._begun():
            yield Item(phase_of(role), PART, role, program)

    def _end(self, role: str, program: str, *, inside: bool) -> None:
        """`inside`: its objects are deleted, too."""
        self._stop([name for name in self._processes() if _is_of(name, program)])
        if program in self.known:
            self.known[program].clean_up(self.site)
        if inside:
            add_ons.remove(self.site.kube, role, LABEL)
        self.site.plane.remember(parts={other: name for other, name in self._begun() if other != role})

    def _stop(self, names: list[str]) -> None:
        self.site.plane.components.stop(*names)
        left = {name: namespace for name, namespace in self._processes().items() if name not in names}
        self.site.plane.remember(**{"part-processes": left})

    def _remember(self, role: str, program: str) -> None:
        self.site.plane.remember(parts={**dict(self._begun()), role: program})

    def _wanted(self, phase: Phase | None = None) -> Iterator[tuple[str, Part]]:
        for role, program in self.site.spec.parts.items():
            if phase in (None, phase_of(role)):
                yield role, self._part(role, program)

    def _part(self, role: str, program: str) -> Part:
        if program not in self.known:
            raise SluicewayError("SLW941", f"{program} cannot be the {role} of a cluster here")
        return self.known[program]

    def _begun(self, phase: Phase | None = None) -> list[tuple[str, str]]:
        stored = self.site.plane.state()["parts"].strings()
        return [(role, program) for role, program in stored.items() if phase in (None, phase_of(role))]

    def _processes(self) -> dict[str, str]:
        return self.site.plane.state()["part-processes"].strings()


def _is_of(process: str, program: str) -> bool:
    return process == program or process.startswith(f"{program}-")
