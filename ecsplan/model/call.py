"""One API request and what must hold after it; the seam between us and the cloud.

Made by kinds and planner/steps.py, sent by apply and inventory through an `Api`. Nothing here does I/O.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.copying import replace

Params: TypeAlias = Mapping[str, object]
"""Wire parameters by their wire name, nested as the API nests them: `{"Tag": [{"Key": …, "Value": …}]}`.
Values, Late and LocalKey may be inside until apply fills them.
A list becomes `Name.1 … Name.N`, a mapping `Name.Member`; None is left out, booleans go out in lower case."""


class Product(Enum):
    """The RPC products that ecsplan speaks to; the value is the product code in endpoint names."""

    ECS = "ecs"
    VPC = "vpc"
    STS = "sts"
    TAG = "tag"  # only read, by `doctor`
    ACTIONTRAIL = "actiontrail"  # only read, by `drift --who`
    SLB = "slb"
    ALB = "alb"
    NLB = "nlb"
    CMS = "cms"
    QUOTAS = "quotas"  # only read, ahead of a plan

    @property
    def version(self) -> str:
        return _VERSIONS[self.value]


_VERSIONS = {
    "ecs": "2014-05-26", "vpc": "2016-04-28", "sts": "2015-04-01", "tag": "2018-08-28", "slb": "2014-05-15",
    "alb": "2020-06-16", "nlb": "2022-04-30", "cms": "2019-01-01", "actiontrail": "2020-07-06", "quotas": "2020-05-10",
}  # fmt: skip


class ErrorClass(Enum):
    """What a client should do about an error code; the policies are those of `api/retry.py`."""

    THROTTLE = "throttle"  # refused before any work: retry, slower
    TRANSIENT = "transient"  # outcome unknown: retry reads, and writes that cannot double
    CONFLICT = "conflict"  # the object is busy: the same call again, until a deadline
    IN_PROGRESS = "in_progress"  # the same client token is still being worked on
    NEW_TOKEN = "new_token"  # refused, and under this client token for ever: again with another one
    ABSENT = "absent"  # the thing is not there
    DONE = "done"  # the wanted state holds
    ALREADY = "already"  # something of that name or place is there: a look tells whether it is ours
    AUTH_REFRESH = "auth_refresh"  # temporary credentials ran out
    DENIED = "denied"  # the key is unknown, or may not do this
    CLOCK = "clock"  # our clock is off
    CAPACITY = "capacity"  # no stock, no quota, no money
    DRY_RUN = "dry_run"  # the dry run passed
    FATAL = "fatal"  # a bad request


REPEATED = frozenset((
    ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.CONFLICT, ErrorClass.IN_PROGRESS, ErrorClass.NEW_TOKEN,
))  # fmt: skip
"""What may go well the next time, though nothing is changed for it."""


class RefusalCause(Enum):
    """What a refusal is about, where a decision needs more than its class; the values are codes of the reference, each
    with those below it (`InvalidZoneId` is also `InvalidZoneId.NotFound`)."""

    WRONG_KEY = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature")
    HELD = ("DependencyViolation",)  # something still hangs on it
    NOT_OFFERED = ("InvalidInstanceType", "InvalidImageFamily", "InvalidZoneId")
    NO_IMAGE = ("InvalidImageFamily", "InvalidImageId.NotFound")
    NO_UPGRADE = ("InvalidInstanceType.NotSupportUpgrade",)

    def fits(self, code: str) -> bool:
        return any(code == one or code.startswith(f"{one}.") for one in self.value)


class ApiError(Exception):
    """A refusal of the service, or a transport failure that outlived the retries.

    `unknown_outcome` is true when the request may have been carried out although no answer came.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        error_class: ErrorClass = ErrorClass.FATAL,
        status: int | None = None,
        request_id: str | None = None,
        unknown_outcome: bool = False,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}" + (f" (request {request_id})" if request_id else ""))
        self.operation = operation
        self.code = code
        self.message = message
        self.error_class = error_class
        self.status = status
        self.request_id = request_id
        self.unknown_outcome = unknown_outcome
        self.detail = detail or {}

    def is_about(self, cause: RefusalCause) -> bool:
        return cause.fits(self.code)


class ShortRead(ApiError):
    """The pages of a list do not add up: it moved while it was read. `seen` are the items that came all the same."""

    def __init__(self, operation: str, message: str, seen: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(operation, "ShortRead", message, error_class=ErrorClass.TRANSIENT)
        self.seen = seen


class BadAnswer(ApiError):
    """The service answered in a shape that is not that of the action: nothing can be concluded from it."""

    def __init__(self, operation: str, message: str, *, unknown_outcome: bool = False) -> None:
        super().__init__(operation, "BadAnswer", message, error_class=ErrorClass.FATAL, unknown_outcome=unknown_outcome)


class Replay(Enum):
    """Why sending a write a second time cannot do it twice."""

    TOKEN = "token"  # the action takes a ClientToken
    NATURAL = "natural"  # sets a state: the second time changes nothing, or answers absent / already
    NAME = "name"  # makes something whose name nobody can have twice: apply looks, and then sends again
    NEVER = "never"  # neither: after an unknown outcome somebody must look before it is sent again


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be signed: every value known.

    A read has `write=False`. `conflict_deadline` is how long, in seconds, a busy object is waited for. `may_be_done`:
    somebody has sent it before, and the answer is not known. `is_off` is asked before each send: once it holds, nothing
    more is sent. `retrying` is told why, and after how many seconds at least, it is sent again.
    """

    operation: str
    params: Params = field(default_factory=dict)
    product: Product = Product.ECS
    write: bool = False
    replay: Replay = Replay.NATURAL
    client_token: str | None = None
    conflict_deadline: float = 300.0
    may_be_done: bool = False
    region: str | None = None  # another region than the client's own (copying an image)
    is_off: Callable[[], bool] | None = field(default=None, compare=False, repr=False)
    retrying: Callable[["ApiError", float], None] | None = field(default=None, compare=False, repr=False)


class Api(Protocol):
    """The one way to the cloud. `send` answers the decoded body, or raises ApiError."""

    @property
    def region(self) -> str: ...

    def send(self, request: Request) -> Mapping[str, Any]: ...


class Wait(Struct, frozen=True):
    """What must hold before the next call: every `conditions` path has one of its values, or the object is gone.

    `kind` is the kind whose listing is polled, None: that of the call; `KIND@DETAIL:ARGUMENT` is what a detail of it
    tells of its objects (see model/kind.py, Watched). A status in `failed` ends the wait at once.
    `rests`: the object is in that state before the call as well, so that it is no sign of the call's own effect.
    """

    conditions: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    absent: bool = False
    failed: tuple[str, ...] = ()
    kind: str | None = None
    rests: bool = False


def at_rest(*statuses: str) -> Wait:
    """A Wait for `Status` to be again as it was before the call."""
    return replace(until(*statuses), rests=True)


def until(*statuses: str, failed: tuple[str, ...] = (), kind: str | None = None, **conditions: Any) -> Wait:
    """A Wait for `Status` to be one of `statuses`, and for other fields to hold."""
    wanted = [("Status", statuses)] if statuses else []
    wanted += [(path.replace("__", "."), (value,)) for path, value in conditions.items()]
    return Wait(tuple(wanted), failed=failed, kind=kind)


class Merge(Struct, frozen=True):
    """Calls alike but for the ids in `param` can be one call with up to `limit` ids.

    `form`: `list` is Name.1…N, `json` one text with a JSON array. The single call uses the same parameter. `rows` and
    `json rows` have a mapping for each id: that of `row`, with the id under `key`.
    """

    param: str
    limit: int
    form: str = "list"
    key: str = ""
    row: tuple[tuple[str, Any], ...] = ()

    def of(self, targets: Sequence[Any]) -> list[Any]:
        """The value of the parameter."""
        if not self.key:
            return list(targets)
        return [{self.key: target, **dict(self.row)} for target in targets]

    @property
    def is_json(self) -> bool:
        return self.form.startswith("json")


class Find(Struct, frozen=True):
    """How what a create made is found where its answer does not name it.

    `params` narrow the listing of its kind, and `fields` are what the object has there. What a stack owns is not it.
    """

    params: Params
    fields: tuple[tuple[str, str], ...]


class ReplayGuard(Struct, frozen=True):
    """How one sees that a call was heard whose effect does not show in its wait: a reboot, a disk that is put back.

    `under_way` are the statuses of its targets meanwhile. After a lost answer it is sent again only while each of
    `safe_while` holds: kind, id, field and its value.
    """

    under_way: tuple[str, ...]
    safe_while: tuple[tuple[str, str, str, str], ...] = ()


class Call(Struct, frozen=True):
    """One API request of a plan, ready but for its Refs, Templates and Secrets.

    `targets` are the ids (or Refs) that it acts on and waits for; with `merge` they travel in that parameter,
    elsewhere they already stand in `params`. `done_on` are error codes that mean that it holds already.
    `creates` are the addresses born from it, whose ids are at `id_path` of the answer; `part` says that it is not the
    object itself but a part of it (`data_disks.data`); without `creates`, a part that is made anew inside an object
    that stays. `names` are the cloud names of `creates` where the answer's order does not tell them apart. `region` is
    another one than the stack's, for what has to be asked for there. `find` says how the one that is born is found,
    where the answer has no id. `rows` is where an answer has a result for each target (InstanceId, Code, Message): the
    call can be carried out for some and refused for others. `leaves` is the machine that a disk leaves by it. `undo`
    puts back what it takes away, where the next call of the same update, which gives something else instead, does not
    come through. `trace` is for a call whose effect its wait does not show. Without an `operation` nothing is sent: the
    targets are only waited for.
    """

    operation: str
    params: Params = msgspec.field(default_factory=dict)
    product: Product = Product.ECS
    kind: str = ""
    targets: tuple[Any, ...] = ()
    merge: Merge | None = None
    creates: tuple[Address, ...] = ()
    part: str = ""
    names: tuple[str, ...] = ()
    id_path: str = ""
    wait: Wait | None = None
    token: bool = False
    replay: Replay = Replay.NATURAL
    absent_is_done: bool = False
    done_on: tuple[str, ...] = ()
    note: str = ""
    region: str | None = None
    find: Find | None = None
    rows: str = ""
    leaves: Any = None
    undo: "Call | None" = None
    trace: ReplayGuard | None = None


def rows(params: Params, name: str) -> Sequence[Mapping[str, Any]]:
    """The list of mappings that a parameter is (`Tag`); empty where it is not sent."""
    found = params.get(name)
    return found if isinstance(found, (list, tuple)) else ()


class Late(Struct, frozen=True):
    """A parameter whose encoding has to wait until apply has filled its Refs or read its Secret."""

    value: Any
    encode: Callable[[Any], Any]
    is_sensitive: bool = False
    form: str = "plain"  # or base64: how `encode` spells it, in a word that can be written down


class LocalKey(Struct, frozen=True):
    """A public key whose private half lies at `path`, made there (mode 0600) when the call is sent."""

    path: str
