"""One look at one check of one machine, whoever makes it. Used by the engine, in a thread of its own."""

from collections.abc import Callable

from msgspec import Struct

from ecsplan.gates import cloud, probes
from ecsplan.gates.judging import Progress
from ecsplan.model.call import ApiError
from ecsplan.model.gate import Check, Measurement, Target

LOCAL = "commands on this machine are not run: allow them with --allow-local-checks"


class Prober(Struct, frozen=True):
    """`ask` sends a request. `runs_commands`: whether a check may run a command on this machine: whoever writes a stack
    file or a saved plan chooses that command."""

    ask: cloud.Ask
    runs_commands: bool = False

    def look(self, progress: Progress, target: Target | None) -> Measurement:
        """`target` is None where the machine is not there."""
        check = progress.check
        if target is None:
            return probes.failed("it is not there")
        try:
            return self._measure(check, target, progress)
        except ApiError as error:
            return cloud.refused(error)

    def _measure(self, check: Check, target: Target, progress: Progress) -> Measurement:
        settings, ask = check.settings, self.ask
        looks: dict[str, Callable[[], Measurement]] = {
            "status": lambda: cloud.status(settings, target, ask),
            "assistant": lambda: cloud.assistant(settings, target, ask, progress.began),
            "command": lambda: cloud.command(settings, target, ask, progress.memory),
            "tcp": lambda: probes.tcp(settings, target),
            "http": lambda: probes.web(settings, target),
            "balancer": lambda: cloud.balancer(settings, target, ask),
            "metric": lambda: cloud.metric(settings, target, ask, progress.began),
            "local": lambda: probes.local(settings, target),
        }
        if check.kind == "local" and not self.runs_commands:
            return probes.failed(LOCAL, is_final=True)
        return looks[check.kind]()
