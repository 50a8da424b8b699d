"""The table of codes against what others say of them: the documents' words, the provider's retries, answers seen.

`error_facts.json` is made by `make_error_facts.py`. Every difference has its reason here, and every reason is needed.
"""

import json
import re
from collections import Counter
from pathlib import Path

from ecsplan.api.classify import classify, is_removal
from ecsplan.model.call import ErrorClass as E

FACTS = json.loads(Path(__file__).with_name("error_facts.json").read_text(encoding="utf-8"))

SAYING = {
    "slow": {E.THROTTLE},
    "again": {E.TRANSIENT},
    "processing": {E.IN_PROGRESS},
    "wait": {E.CONFLICT, E.NEW_TOKEN},
    "absent": {E.ABSENT},
    "capacity": {E.CAPACITY},
    "denied": {E.DENIED},
    "dry run": {E.DRY_RUN},
    "refused": {E.FATAL},
}

# What the words say, a pattern of codes, our class, and why it is right all the same.
DIFFERENCES = (
    ("absent", r"(Region|Zone|ZoneId|RegionId)\.?NotFound$|RegionNotFound$", E.FATAL,
     "no region or zone comes with time, and none is removed"),
    ("absent", r"(Account|Credit|Role|KMSKeyId|Type|Reason|Status)\.NotFound$", E.FATAL,
     "names a word, an account or a role: nothing that an apply makes or removes"),
    ("absent", r"\.ValueNotSupported$|Unusable$|^InvalidResourceGroupId$", E.FATAL, "a wrong value of a parameter"),
    ("absent", r"^InvalidSourceSnapshot$|^InvalidDiskId\.OperationNotSupported$", E.FATAL,
     "the source is gone, not the object: it cannot be reset for good"),
    ("absent", r"^OperationDenied$", E.FATAL, "the snapshot was deleted: refused for good"),
    ("again", r"^InvalidAction$", E.FATAL, "there is no such action, and there will be none"),
    ("capacity", r"TooLarge|MoreThanMaxSize|SizeExceed|SnapshotParams|ValueNotSupported|Malformed$", E.FATAL,
     "a value beyond its range: no quota helps"),
    ("capacity", r"^NumberExceed|^InstancesIdQuotaExceed$", E.FATAL, "too many in one call"),
    ("capacity", r"^InvalidPeriod\.|^DiskAttachedNumberExceeded$", E.FATAL, "a rule, and no quota"),
    ("capacity", r"^OperationDenied$", E.FATAL, "told apart by the message, which is not kept here"),
    ("denied", r"Unauthorized|RecycleBin|RamRole|Spot|UserData|^OperationDenied$", E.FATAL,
     "the account is not open for this, whatever its keys may do"),
    ("refused", r"NotFound$|^ParameterInvalid$", E.ABSENT, "the code says more than the message"),
    ("refused", r"Duplicated$|^KeyPair\.AlreadyExist$", E.ALREADY, "the code says more than the message"),
    ("refused", r"Arrears|Offline|InvalidInstanceType|PayMethod|ZoneNotAllowed", E.CAPACITY,
     "no money, or none of this type in this zone"),
    ("refused", r"Status|^InvalidOperation\.InvalidEniType$|^Operation\.Conflict$", E.CONFLICT,
     "what is in the wrong state may be on its way to the right one"),
    ("refused", r"^ChargeTypeViolation$|^OrderCreationFailed$", E.CONFLICT, "billing lags: the provider retries"),
    ("refused", r"^DependencyViolation", E.CONFLICT, "what hangs on it may still be vanishing"),
    ("refused", r"^InvalidPrivateIpAddress\.Duplicated$", E.CONFLICT, "of a machine that is just going"),
    ("refused", r"Status$", E.NEW_TOKEN, "wait, and go on under another token as the provider does"),
    ("refused", r"^Forb|Unauthorized", E.DENIED, "the code says more than the message"),
    ("refused", r"^InvalidDisk\.AlreadyDetached$", E.DONE, "as it was to be"),
    ("wait", r"NoStock$", E.CAPACITY, "later may be next week: another type or zone is quicker"),
    ("wait", r"CreditSpecRestricted|\.(Value)?NotSupported$", E.FATAL, "a wrong value, though it speaks of a status"),
    ("wait", r"^OperationDenied$", E.FATAL, "told apart by the message, which is not kept here"),
)  # fmt: skip
ROWS = [(code, status, word, action) for code, status, word, actions in FACTS["documented"] for action in actions]


def reasons(word: str, code: str, kind: E) -> list[int]:
    return [n for n, (said, pattern, ours, _) in enumerate(DIFFERENCES)
            if said == word and ours is kind and re.search(pattern, code)]  # fmt: skip


def test_every_documented_row_is_taken_as_its_words_say_or_differs_for_a_reason() -> None:
    counts: Counter[str] = Counter()
    used: set[int] = set()
    unexplained = set()
    for code, status, word, action in ROWS:
        kind = classify(action, code, status)
        if word == "silent" or kind in SAYING[word]:
            counts["silent" if word == "silent" else "agree"] += 1
            continue
        found = reasons(word, code, kind)
        used |= set(found)
        counts["differ"] += 1
        if not found:
            unexplained.add((word, code, status, kind.name))
    assert not unexplained
    assert used == set(range(len(DIFFERENCES)))
    assert len(ROWS) + FACTS["no errors"] == FACTS["rows"] == 1913
    assert counts == AGREEMENT


AGREEMENT = {"agree": 1359, "silent": 319, "differ": 222}

# What the provider sends again, and we do not: code (and actions), and why.
NOT_AGAIN = (
    (r"^IdempotentParameterMismatch$", "endpoints are not managed; with one token a change, it is an error of ours"),
    (
        r"RouteEntryExist|GatewayAssociated|IpamPoolAllocationExist",
        "gateways of tables, peerings and pools are not managed",
    ),
)
AGAIN = {E.THROTTLE, E.TRANSIENT, E.CONFLICT, E.IN_PROGRESS, E.NEW_TOKEN}
GONE = {E.ABSENT, E.DONE, E.ALREADY}
# What ends a read with "there is none" for the provider: filter words that it mistook, and words of others.
NOT_GONE = (
    (r"Filter|LockReason|ChargeType|SnapshotType|Status|Usage|SourceDiskType|RegionId|Malformed|ValueNotSupported",
     "a wrong filter shows nothing of what is there"),
    (r"^Operation\.Forbidden$", "a key that may not see a command does not show that there is none"),
    (r"^InvalidParameter$|^UnknownError$|^Instance\.|EXCEED|PrivatePool|Elasticity"
     r"|^NotExists\.", "of kinds that are not managed"),
    (r"^IncorrectStatus\.NatGateway$", "it is waited for: a gateway that is going is absent a little later"),
)  # fmt: skip


def test_what_the_provider_sends_again_is_sent_again() -> None:
    used: set[int] = set()
    wrong = []
    for treatment, code, actions in FACTS["provider"]:
        for action in actions if treatment == "retry" else ():
            if classify(action, code, 400) in AGAIN:
                continue
            found = [n for n, (pattern, _) in enumerate(NOT_AGAIN) if re.search(pattern, code)]
            used |= set(found)
            wrong += [] if found else [(action, code)]
    assert not wrong
    assert used == set(range(len(NOT_AGAIN)))


def test_what_is_gone_or_done_for_the_provider_is_so_for_us() -> None:
    used: set[int] = set()
    wrong = []
    for treatment, code, actions in FACTS["provider"]:
        for action in actions if treatment in ("absent", "done") else ():
            if classify(action, code, 404) in GONE:
                continue
            found = [n for n, (pattern, _) in enumerate(NOT_GONE) if re.search(pattern, code)]
            used |= set(found)
            wrong += [] if found else [(action, code, is_removal(action))]
    assert not wrong
    assert used == set(range(len(NOT_GONE)))


def test_no_code_that_was_seen_is_unknown() -> None:
    """A class that the status alone gives would say that nobody has written the code down."""
    by_status = {
        code for action, code, _ in FACTS["seen"] if classify(action, code, 400) != classify(action, code, 500)
    }
    assert by_status == {"OperationDenied"}  # known by its words
