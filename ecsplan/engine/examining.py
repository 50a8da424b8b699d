"""A look over an account before its first plan: read-only, in a few calls, and every check told even where one fails.

Called by the engine's `doctor`. What the API does not tell is said to be unknown, and never guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

from ecsplan.api.client import Client
from ecsplan.api.conformance import Comparison
from ecsplan.engine.reads import reads
from ecsplan.executor.outcome import advice
from ecsplan.inventory.decode import at_path
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Api, ApiError, ErrorClass, Params, Product, Request
from ecsplan.model.doctor import Diagnosis, DoctorCheck, Health
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import PREFIX
from ecsplan.model.regions import misspelt
from ecsplan.preflight.quota_center import ITEMS, PRODUCTS, request_of
from ecsplan.preflight.world import to_the_end
from ecsplan.provider.alibaba import clock_of, opened

TOLERATED = 60.0  # seconds; the service takes fifteen minutes, and ecsplan corrects what is refused
NEAR, FULL = 0.8, 1.0  # of a quota
STEPS: tuple[tuple[Product, str, Params], ...] = (
    (Product.STS, "GetCallerIdentity", {}),
    (Product.ECS, "DescribeRegions", {"AcceptLanguage": "en-US"}),
    (Product.VPC, "DescribeVpcs", {"PageNumber": 1, "PageSize": 1}),
)
"""A light read of each product."""
# What is used of a quota, and what it is; where the first is a read, its total counts.
QUOTAS = (
    ("security groups", "max-security-groups", "DescribeSecurityGroups"),
    ("network interfaces", "max-elastic-network-interfaces", "DescribeNetworkInterfaces"),
    ("vCPUs of pay-as-you-go machines", "max-postpaid-instance-vcpu-count", "used-postpaid-instance-vcpu-count"),
    ("vCPUs of spot machines", "max-spot-instance-vcpu-count", "used-spot-instance-vcpu-count"),
    ("GiB of pay-as-you-go disks", "max-postpaid-yundisk-capacity", "used-postpaid-yundisk-capacity"),
)
REAL_NAME = "real-name-authentication"
_INHERITED = {"Ecs-Disk": "disks", "Ecs-Eni": "network interfaces", "Vpc-Eip": "EIPs", "Ecs-Snapshot": "snapshots"}


def examined(api: Api, kinds: Kinds, *, conformance: bool = False) -> Diagnosis:
    """Never raises for what an account refuses: that is a finding."""
    assert isinstance(api, Client)
    comparison = Comparison()
    with ExitStack() as ends:
        if conformance:
            ends.enter_context(api.shown_to(comparison.take))
        checks = list(_checks(api, kinds))
    return Diagnosis(api.region, tuple(checks), comparison.result() if conformance else None)


def _checks(api: Client, kinds: Kinds) -> Iterator[DoctorCheck]:
    first, answers = _endpoints(api)
    key, region = _key(api, answers[Product.STS]), _region(api, answers[Product.ECS])
    yield from (key, first, region)
    if Health.PROBLEM in (key.health, region.health):
        return  # every other call would be told the same
    yield _clock(api)
    yield _signature(api)
    with opened(api, kinds) as source:
        yield from reads(source, kinds)
    yield from _settings(api)
    yield from _quotas(api)
    yield _quota_center(api)


_Answer = Raw | ApiError


def _asked(api: Client, operation: str, params: Params, product: Product = Product.ECS) -> _Answer:
    try:
        return api.send(Request(operation, params, product))
    except ApiError as error:
        return error


def _endpoints(api: Client) -> tuple[DoctorCheck, dict[Product, _Answer]]:
    """Each product is asked twice: the second answer comes over an open connection."""
    answers: dict[Product, _Answer] = {}
    told, facts, bad = [], {}, False
    for product, operation, params in STEPS:
        seconds = []
        for _ in range(2):
            began = clock_of(api).now()
            answers[product] = _asked(api, operation, params, product)
            seconds.append(clock_of(api).now() - began)
            if isinstance(answers[product], ApiError):
                break
        url = api.endpoints.url(product, api.region)
        answer = answers[product]
        silent = isinstance(answer, ApiError) and answer.status is None
        bad = bad or silent
        facts[product.value] = {
            "url": url,
            "milliseconds": [round(1000 * s, 1) for s in seconds],
            "answers": not silent,
        }
        told.append(f"{product.value} {_pace(seconds) if not silent else 'does not answer'} ({urlsplit(url).netloc})")
    remedy = "check the network, a proxy, and --endpoint or ECSPLAN_ENDPOINT" if bad else ""
    return DoctorCheck("endpoints", Health.PROBLEM if bad else Health.OK, ", ".join(told), remedy, facts), answers


def _pace(seconds: Sequence[float]) -> str:
    return f"{1000 * seconds[-1]:.0f} ms"


def _key(api: Client, answer: _Answer) -> DoctorCheck:
    source = api.credentials.describe()
    if isinstance(answer, ApiError):
        return DoctorCheck("key", Health.PROBLEM, f"{source}: {_word(answer)}", advice(answer), {"source": source})
    account, arn = str(answer.get("AccountId", "")), str(answer.get("Arn", ""))
    facts = {"account": account, "arn": arn, "type": str(answer.get("IdentityType", "")), "source": source}
    return DoctorCheck(
        "key", Health.OK, f"account {account}, {arn.rpartition(':')[2] or 'root'}, {source}", facts=facts
    )


def _region(api: Client, answer: _Answer) -> DoctorCheck:
    if isinstance(answer, ApiError):
        return DoctorCheck("region", Health.UNKNOWN, f"{api.region}: {_word(answer)}")
    known = sorted(str(raw.get("RegionId")) for raw in at_path(answer, "Regions.Region") or ())
    if api.region in known:
        return DoctorCheck("region", Health.OK, f"{api.region}, one of {len(known)} that the account has")
    near = misspelt(api.region)
    remedy = f"did you mean {near}?" if near else f"it has {', '.join(known)}"
    return DoctorCheck("region", Health.PROBLEM, f"the account has no region {api.region}", remedy, {"known": known})


def _clock(api: Client) -> DoctorCheck:
    off = clock_of(api).now() - api.server_now()
    facts = {"seconds": round(off)}
    if abs(off) < TOLERATED:
        return DoctorCheck("clock", Health.OK, f"less than {max(1, round(abs(off)) + 1)} s off", facts=facts)
    which = "ahead" if off > 0 else "behind"
    return DoctorCheck("clock", Health.WARNING, f"{abs(off):.0f} s {which} of the service's", "set it: NTP", facts)


def _signature(api: Client) -> DoctorCheck:
    asked, used = api.settings.signature, api.signature
    facts = {"asked": asked.value, "used": used.value}
    if asked is used:
        return DoctorCheck("signature", Health.OK, used.value, facts=facts)
    remedy = f"say --signature {used.value}, or set ECSPLAN_SIGNATURE, to save a refused call in each run"
    return DoctorCheck("signature", Health.WARNING, f"the service knows {used.value}, not {asked.value}", remedy, facts)


def _settings(api: Client) -> Iterator[DoctorCheck]:
    """Switches of an account that make things otherwise than a file says."""
    yield _inheritance(_asked(api, "ListAssociatedResourceRules", {"Status": "Enable", "MaxResult": 100}, Product.TAG))
    yield _economical(_asked(api, "DescribeInstances", {"Status": "Stopped", "MaxResults": 100}))
    yield _encryption(_asked(api, "DescribeDiskEncryptionByDefaultStatus", {}))


def _inheritance(answer: _Answer) -> DoctorCheck:
    if isinstance(answer, ApiError):
        remedy = "allow tag:ListAssociatedResourceRules to have it looked at" if _is_denied(answer) else ""
        return DoctorCheck("tag inheritance", Health.UNKNOWN, f"its rules cannot be read: {_word(answer)}", remedy)
    rules = [raw for raw in answer.get("Rules") or () if _inherits(raw)]
    to = sorted({word for raw in rules for part, word in _INHERITED.items() if str(raw["SettingName"]).endswith(part)})
    facts = {"rules": sorted(str(raw["SettingName"]) for raw in rules)}
    if not rules:
        return DoctorCheck("tag inheritance", Health.OK, "no rule copies tags to what ecsplan keeps", facts=facts)
    summary = f"tags are copied to {', '.join(to)}: equal keys are overwritten there, and come back as drift"
    return DoctorCheck(
        "tag inheritance", Health.WARNING, summary, "limit the TagKeys of these rules in the Tag console", facts
    )


def _inherits(rule: Raw) -> bool:
    """Whether an enabled rule copies all keys, or some of ours."""
    keys = [str(key) for key in rule.get("TagKeys") or ()]
    is_ours = not keys or any(key.startswith(PREFIX) for key in keys)
    return is_ours and str(rule.get("SettingName", "")).endswith(tuple(_INHERITED))


def _economical(answer: _Answer) -> DoctorCheck:
    """The API does not tell the setting itself: what stopped machines are is a sign of it."""
    if isinstance(answer, ApiError):
        return DoctorCheck("economical mode", Health.UNKNOWN, f"stopped machines cannot be read: {_word(answer)}")
    modes = [str(raw.get("StoppedMode", "")) for raw in at_path(answer, "Instances.Instance") or ()]
    free, off = modes.count("StopCharging"), len(modes)
    facts = {"stopped": off, "StopCharging": free, "KeepCharging": modes.count("KeepCharging")}
    if not off:
        return DoctorCheck(
            "economical mode", Health.UNKNOWN, "no machine is stopped, and the API does not tell it", "", facts
        )
    if free:
        summary = f"{free} of {off} stopped machines have given their vCPUs and public address back"
        remedy = "a stop outside of ecsplan may do so by default; ecsplan says itself how it stops"
        return DoctorCheck("economical mode", Health.WARNING, summary, remedy, facts)
    return DoctorCheck("economical mode", Health.OK, f"none of {off} stopped machines is in it", facts=facts)


def _encryption(answer: _Answer) -> DoctorCheck:
    name = "disk encryption"
    if isinstance(answer, ApiError):
        return DoctorCheck(name, Health.UNKNOWN, f"the account's default cannot be read: {_word(answer)}")
    if not answer.get("Encrypted"):
        return DoctorCheck(name, Health.OK, "not on by default", facts={"default": False})
    remedy = "declare encrypted: true where disks are made, so that the file says so"
    return DoctorCheck(name, Health.WARNING, "on by default: new disks are encrypted", remedy, {"default": True})


def _quotas(api: Client) -> Iterator[DoctorCheck]:
    names = [name for _, most, used in QUOTAS for name in (most, used) if not name.startswith("Describe")]
    answer = _asked(api, "DescribeAccountAttributes", {"AttributeName": [*names[:7], REAL_NAME]})
    more = _asked(api, "DescribeAccountAttributes", {"AttributeName": names[7:]}) if names[7:] else {}
    if isinstance(answer, ApiError) or isinstance(more, ApiError):
        error = answer if isinstance(answer, ApiError) else more
        assert isinstance(error, ApiError)
        yield DoctorCheck("quotas", Health.UNKNOWN, f"they cannot be read: {_word(error)}")
        return
    values = _values(answer) | _values(more)
    yield _room(values, lambda operation: _total(api, operation))
    if values.get(REAL_NAME, "yes") != "yes":
        remedy = "have the account authenticated in the console"
        yield DoctorCheck("account", Health.PROBLEM, "without real-name authentication nothing is sold", remedy)


def _values(answer: Raw) -> dict[str, str]:
    items = at_path(answer, "AccountAttributeItems.AccountAttributeItem") or ()
    found = {str(item.get("AttributeName")): at_path(item, "AttributeValues.ValueItem") or () for item in items}
    return {name: str(values[0].get("Value")) for name, values in found.items() if values}


def _total(api: Client, operation: str) -> int | None:
    answer = _asked(api, operation, {"PageNumber": 1, "PageSize": 1})
    total = None if isinstance(answer, ApiError) else answer.get("TotalCount")
    return total if isinstance(total, int) else None


def _room(values: Mapping[str, str], total: Callable[[str], int | None]) -> DoctorCheck:
    facts: dict[str, tuple[int, int]] = {}
    for what, most, used in QUOTAS:
        limit = _number(values.get(most))
        taken = total(used) if used.startswith("Describe") else _number(values.get(used))
        if limit is not None and taken is not None:
            facts[what] = (taken, limit)
    return _judged("quotas", facts)


def _quota_center(api: Client) -> DoctorCheck:
    """Every quota whose use the Quota Center keeps, in three calls."""
    name, facts = "quota center", dict[str, tuple[int, int]]()
    for product in PRODUCTS:
        asked = partial(_page_of, api, request_of(product, api.region))
        answer = to_the_end(asked(""), ITEMS, asked)
        if isinstance(answer, ApiError):
            return DoctorCheck(name, Health.UNKNOWN, f"quotas of {product} cannot be read: {_word(answer)}")
        for row in answer.get(ITEMS) or ():
            total, used = row.get("TotalQuota"), row.get("TotalUsage")
            if row.get("Consumable") and isinstance(total, (int, float)) and isinstance(used, (int, float)):
                facts[str(row.get("QuotaName") or row.get("QuotaActionCode"))] = (int(used), int(total))
    return _judged(name, facts)


def _page_of(api: Client, request: Request, token: str) -> _Answer:
    params = {**request.params, "NextToken": token} if token else request.params
    return _asked(api, request.operation, params, request.product)


def _judged(name: str, found: Mapping[str, tuple[int, int]]) -> DoctorCheck:
    """Of what is used, and the limit."""
    facts = {what: {"used": used, "limit": limit} for what, (used, limit) in found.items()}
    shares = [
        (used / limit if limit > 0 else 0.0, f"{used:,} of {limit:,} {what}") for what, (used, limit) in found.items()
    ]
    tight = [pair for pair in shares if pair[0] >= NEAR]
    if not tight:
        return DoctorCheck(name, Health.OK, f"{len(facts)} looked at, none near its end", facts=facts)
    health = Health.PROBLEM if max(tight)[0] >= FULL else Health.WARNING
    told = ", ".join(text for _, text in sorted(tight, reverse=True))
    return DoctorCheck(
        name, health, f"used: {told}", "raise them in the Quota Center, or remove what is not needed", facts
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _is_denied(error: ApiError) -> bool:
    return error.error_class is ErrorClass.DENIED


def _word(error: ApiError) -> str:
    return f"{error.code}: {error.message}" if error.message else error.code
