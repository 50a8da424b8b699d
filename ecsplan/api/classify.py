"""From an error code to what a client should do about it: one table, then documented affixes, then status.

Called by `answer`. The code decides, the message never, save for the two of `_BY_MESSAGE` and the
second form of an expired token.
"""

from ecsplan.model.call import ErrorClass

_EXACT: dict[ErrorClass, tuple[str, ...]] = {
    ErrorClass.THROTTLE: ("Rejected.Throttling",),
    ErrorClass.TRANSIENT: (
        "ServiceUnavailable",
        "SystemBusy",
        "InternalError",
        "InternalFailure",
        "UnknownError",
        "Mayi.InternalError",  # a server fault, although its status is 403
        "OperationDenied.ResourceControl",
        "SignatureNonceUsed",  # the first copy of these bytes may have been carried out
    ),
    ErrorClass.CONFLICT: (
        "OperationConflict",
        "Operation.Conflict",
        "InvalidOperation.Conflict",
        "OperationDenied.CreatingConflict",
        "OperationDenied.OtherSubnetProcessing",
        "TaskConflict",
        "VPC_TASK_CONFLICT",
        "IncorrectStatus",
        "IncorrectInstanceStatus",
        "IncorrectInstanceStatus.Initializing",
        "IncorrectDiskStatus",
        "IncorrectDiskStatus.Initializing",
        "IncorrectDiskStatus.CreatingSnapshot",
        "IncorrectVSwitchStatus",
        "IncorrectVpcStatus",
        "IncorrectEipStatus",
        "IncorrectHaVipStatus",
        "IncorrectRouteEntryStatus",
        "IncorrectRouteTableStatus",
        "VswitchStatusError",
        "InvalidBindingStatus",
        "InvalidStatus.RouteEntry",
        "InvalidStatus.EcsStatusNotSupport",
        "InvalidStatus.EniStatusNotSupport",
        "InvalidOperation.InvalidEniState",
        "InvalidOperation.InvalidEcsState",
        "OperationFailed.DistibuteLock",  # the service's own spelling
        "OperationFailed.NotifyCenCreate",
        "OperationFailed.EcsMigrating",
        "DiskInCoolingPeriod",
        "EipOperation.TooFrequently",
        "FrequentPurchase.EIP",
        "DisksDetachingOnEcsExceeded",
        "InvalidIpStatus.HasBeenUsedBySnatTable",
        "InvalidIpStatus.HasBeenUsedByForwardEntry",
    ),
    ErrorClass.IN_PROGRESS: (
        "LastTokenProcessing",
        "OperationFailed.LastTokenProcessing",
        "OperationFailed.IdempotentTokenProcessing",
        "IdempotenceProcessing",
        "LastOrderProcessing",
        "LastRequestProcessing",
    ),
    ErrorClass.ABSENT: ("Forbidden.InstanceNotFound", "INSTANCE_NOT_EXISTS"),
    ErrorClass.ALREADY: (
        "InvalidDisk.AlreadyDetached",
        "InvalidInstanceId.AlreadyExists",
        "InvalidParameter.KeypairAlreadyAttachedInstance",
    ),
    ErrorClass.AUTH_REFRESH: (
        "InvalidSecurityToken.Expired",
        "MissingSecurityToken",
        "InvalidSecurityToken.Malformed",
        "InvalidSecurityToken.MismatchWithAccessKey",
    ),
    ErrorClass.CLOCK: ("InvalidTimeStamp.Expired", "IllegalTimestamp"),
    ErrorClass.CAPACITY: (
        "OperationDenied.NoStock",
        "Zone.NotOnSale",
        "Zone.NotOpen",
        "InstanceType.Offline",
        "ResourceNotAvailable",
        "LackResource",
        "NoAvaliableDedicatedHost",  # the service's own spelling
        "Invalid.PrivatePoolOptions.NoStock",
    ),
    ErrorClass.DRY_RUN: ("DryRunOperation", "DRYRUN.SUCCESS"),
    ErrorClass.FATAL: (
        # These look absent by their ending, but nothing that we manage is.
        "InvalidAccessKeyId.NotFound",
        "InvalidProduct.NotFound",
        "InvalidApi.NotFound",
        "InvalidAction.NotFound",
        "IdempotentParameterMismatch",
        "InvalidIdempotenceParameter.Mismatch",
        "IdempotenceSignatureMismatch",
        "Duplicated.ClientToken",
        "InsufficientBalance",
        "InvalidAccountStatus.NotEnoughBalance",
        "Account.Arrearage",
        "InvalidPayMethod",
        "Forbidden",
        "Forbidden.RAM",
        "Forbidden.RiskControl",
        "Forbidden.AccessKeyDisabled",
        "Forbbiden",  # the service's own spelling
        "Forbbiden.SubUser",
        "NoPermission",
        "MissingParameter",
        "MissingParamter",  # the service's own spelling
        "UnsupportedParameter",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "InvalidTimeStamp.Format",
        "InvalidAccessKeyId.Inactive",
        "InvalidProtocol.NeedSsl",
        "NoSuchVersion",
        "InvalidAction",
    ),
}

# One code, two meanings: what it says depends on what was asked.
_BY_OPERATION = {
    ("DetachDisk", "InvalidDiskId.OperationNotSupported"): ErrorClass.ALREADY,
    ("DeleteKeyPairs", "InvalidParameter.KeypairAlreadyAttachedInstance"): ErrorClass.CONFLICT,
}

_CLASS_OF = {code.lower(): kind for kind, codes in _EXACT.items() for code in codes}

_PREFIXES = (
    ("Throttling", ErrorClass.THROTTLE),
    ("IncorrectStatus.", ErrorClass.CONFLICT),
    ("ResourceNotFound.", ErrorClass.ABSENT),
    ("InvalidParameter", ErrorClass.FATAL),
    ("QuotaExceed", ErrorClass.CAPACITY),
    ("OperationDenied.QuotaExceed", ErrorClass.CAPACITY),
)
_SUFFIXES = (
    ("NotFound", ErrorClass.ABSENT),
    (".Duplicated", ErrorClass.ALREADY),
    (".Malformed", ErrorClass.FATAL),
    ("LimitExceed", ErrorClass.CAPACITY),
    ("LimitExceeded", ErrorClass.CAPACITY),
)

# The service has no code of its own for these two.
_BY_MESSAGE = (
    ("the last token request is processing", ErrorClass.IN_PROGRESS),
    ("there is still instance(s) in the specified security group", ErrorClass.CONFLICT),
)

_REMOVALS = (
    "Delete",
    "Detach",
    "Release",
    "Unassociate",
    "Unassign",
    "Untag",
    "UnTag",
    "Revoke",
    "Leave",
    "Remove",
)


def classify(operation: str, code: str, status: int | None, message: str = "") -> ErrorClass:
    """The class of a refusal; `status` speaks only for codes that nobody has written down."""
    known = _BY_OPERATION.get((operation, code)) or _CLASS_OF.get(code.lower())
    if known is not None:
        return known
    if code == "DependencyViolation" or code.startswith("DependencyViolation."):
        # What hangs on it may still be vanishing; when nothing is being removed it will stay so.
        return ErrorClass.CONFLICT if is_removal(operation) else ErrorClass.FATAL
    if code == "InvalidParameter" and "SecurityToken.Expired" in message:
        return ErrorClass.AUTH_REFRESH
    return _by_message(message) or _by_affix(code) or _by_status(status)


def is_removal(operation: str) -> bool:
    """Whether the call takes something away, so that finding it gone is what was wanted."""
    return operation.startswith(_REMOVALS)


def _by_affix(code: str) -> ErrorClass | None:
    for prefix, kind in _PREFIXES:
        if code.startswith(prefix):
            return kind
    for suffix, kind in _SUFFIXES:
        if code.endswith(suffix):
            return kind
    return None


def _by_message(message: str) -> ErrorClass | None:
    lowered = message.lower()
    return next((kind for text, kind in _BY_MESSAGE if text in lowered), None)


def _by_status(status: int | None) -> ErrorClass:
    if status == 429:
        return ErrorClass.THROTTLE
    # No status at all is no answer at all.
    if status is None or status >= 500:
        return ErrorClass.TRANSIENT
    return ErrorClass.FATAL
