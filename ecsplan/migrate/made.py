"""One of our objects on its way out, and the resources of another tool that it becomes. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.migrate.sorting import Target
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Terraform
from ecsplan.model.kind import Kind
from ecsplan.model.resource import LiveObject

Speak = Callable[[Target], str | None]
"""The address of an object in the files (`alicloud_vpc.main`); None for what is not in them."""


class Ours(Struct, frozen=True):
    """One of our objects with its canonical values, the name and key of its block, and what no attribute says."""

    obj: LiveObject
    kind: Kind
    theirs: Terraform
    values: Mapping[str, Any]
    name: str
    key: int | str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        return self.obj.kind, self.obj.id

    @property
    def attributes(self) -> Sequence[Attribute]:
        return self.kind.attributes


class Made(Struct, frozen=True):
    """One resource of theirs: texts hold expressions as `${…}`, and otherwise no `${` that is not escaped."""

    type: str
    name: str
    key: int | str | None
    id: str
    body: Mapping[str, Any]
    ignored: tuple[str, ...] = ()
    lifecycle: Mapping[str, Any] = field(default_factory=dict)
    ros: Ros | None = None


def escaped(value: Any) -> Any:
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value


def spoken(kinds: Iterable[str], value: Any, speak: Speak) -> Any:
    for kind in kinds:
        address = speak((kind, str(value)))
        if address is not None:
            return f"${{{address}.{'key_pair_name' if kind == 'key_pair' else 'id'}}}"
    return escaped(value)
