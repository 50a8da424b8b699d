"""The means by which a run watches its gates: each machine read as it is live, then looked at. Used by applying.py."""

from collections.abc import Callable

from ecsplan.engine.options import ApplyOptions
from ecsplan.executor.fill import Filler
from ecsplan.gates.measuring import Prober
from ecsplan.gates.watching import Watch
from ecsplan.inventory.decode import attributes, bare
from ecsplan.model.address import Address, Ref
from ecsplan.model.capabilities.power import Power
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.change import Action
from ecsplan.model.gate import Target
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan, Step
from ecsplan.provider.protocol import Provider


def watching(
    plan: Plan, source: Provider, kinds: Kinds, filler: Filler, options: ApplyOptions
) -> Callable[[Step], Watch]:
    """New machines are known by what the run made, the others by the plan."""
    known = {
        change.address: change.before.id
        for change in plan.changes
        if change.before is not None and change.action is not Action.DELETE  # a retired one has an heir
    }
    prober = Prober(source.send, options.runs_commands)

    def find(address: Address) -> Target | None:
        kind = kinds[address.kind]
        power = kind.capability(Power)
        id_ = str(filler.ids.get(Ref(address)) or known.get(address, ""))
        raw = source.read(address.kind, [id_]).get(id_) if id_ else None
        if raw is None:
            return None
        live, found = bare(kind, raw), attributes(kind, raw, {})
        addresses = {name: str(found.get(name) or "") for name in ("private_ip", "public_ip")}
        running, serving = power.running if power else live.status, kind.capability(Serving)
        others = tuple(serving.others(raw)) if serving is not None else ()
        return Target(id_, live.status, running, plan.region, live.name or "", others=others, **addresses)

    def watch(step: Step) -> Watch:
        assert step.gate is not None
        return Watch(step.gate, step.addresses, find, prober)

    return watch
