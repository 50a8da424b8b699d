"""Why the service does not delete an object: it is paid until later, or protected. Shared by kinds of VPC."""

from collections.abc import Callable

from ecsplan.model.algebra import Raw
from ecsplan.model.decoder import Decoder
from ecsplan.model.resource import RemoteObject


def unless_free(charge: str, word: str = "deleted") -> Callable[[RemoteObject], str | None]:
    """`charge` is the field that says how it is paid, `word` what cannot be done to it before the end."""

    @Decoder
    def why(raw: Raw) -> str | None:
        if raw.get(charge) == "PrePaid":
            return f"a subscription until {raw.get('ExpiredTime') or 'its end'}; it cannot be {word} before"
        return "deletion protection is on" if raw.get("DeletionProtection") else None

    return lambda obj: obj.fact(why)
