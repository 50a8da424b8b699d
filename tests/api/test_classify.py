"""The table of error codes, each code by name: a changed line must break a test."""

import pytest

from ecsplan.api.classify import classify, is_removal
from ecsplan.model.call import ErrorClass

DOCUMENTED = {
    ErrorClass.THROTTLE: """Throttling Throttling.User Throttling.Api Throttling.Resource
        Throttling.ConcurrentLimitExceeded Rejected.Throttling Throttling.Anything""",
    ErrorClass.TRANSIENT: """ServiceUnavailable ServiceUnAvailable SystemBusy InternalError InternalFailure
        UnknownError Mayi.InternalError OperationDenied.ResourceControl SignatureNonceUsed""",
    ErrorClass.CONFLICT: """OperationConflict Operation.Conflict InvalidOperation.Conflict
        OperationDenied.CreatingConflict OperationDenied.OtherSubnetProcessing TaskConflict VPC_TASK_CONFLICT
        IncorrectStatus IncorrectStatus.Vpc IncorrectStatus.cbnStatus IncorrectInstanceStatus
        IncorrectInstanceStatus.Initializing IncorrectDiskStatus IncorrectDiskStatus.Initializing
        IncorrectDiskStatus.CreatingSnapshot IncorrectVSwitchStatus IncorrectVpcStatus IncorrectEipStatus
        IncorrectHaVipStatus IncorrectRouteEntryStatus IncorrectRouteTableStatus VswitchStatusError
        InvalidBindingStatus InvalidStatus.RouteEntry InvalidStatus.EcsStatusNotSupport
        InvalidStatus.EniStatusNotSupport InvalidOperation.InvalidEniState InvalidOperation.InvalidEcsState
        OperationFailed.DistibuteLock OperationFailed.NotifyCenCreate OperationFailed.EcsMigrating DiskInCoolingPeriod
        EipOperation.TooFrequently FrequentPurchase.EIP DisksDetachingOnEcsExceeded
        InvalidIpStatus.HasBeenUsedBySnatTable InvalidIpStatus.HasBeenUsedByForwardEntry""",
    ErrorClass.IN_PROGRESS: """LastTokenProcessing OperationFailed.LastTokenProcessing
        OperationFailed.IdempotentTokenProcessing IdempotenceProcessing LastOrderProcessing
        LastRequestProcessing""",
    ErrorClass.ABSENT: """InvalidInstanceId.NotFound InvalidVswitchID.NotFound InvalidVSwitchId.NotFound
        InvalidDiskId.NotFound InvalidEniId.NotFound Forbidden.InstanceNotFound ResourceNotFound.Disk
        INSTANCE_NOT_EXISTS""",
    ErrorClass.ALREADY: """InvalidDisk.AlreadyDetached InvalidInstanceId.AlreadyExists
        InvalidSecurityGroup.Duplicated InvalidParameter.KeypairAlreadyAttachedInstance""",
    ErrorClass.AUTH_REFRESH: """InvalidSecurityToken.Expired MissingSecurityToken
        InvalidSecurityToken.Malformed InvalidSecurityToken.MismatchWithAccessKey""",
    ErrorClass.CLOCK: "InvalidTimeStamp.Expired IllegalTimestamp",
    ErrorClass.CAPACITY: """OperationDenied.NoStock Zone.NotOnSale Zone.NotOpen InstanceType.Offline
        ResourceNotAvailable LackResource NoAvaliableDedicatedHost Invalid.PrivatePoolOptions.NoStock
        QuotaExceed.AfterpayInstance QuotaExceed.Tags QuotaExceeded.PrivateIpAddress
        OperationDenied.QuotaExceed SecurityGroupLimitExceed MaxVSwitchLimitExceeded""",
    ErrorClass.DRY_RUN: "DryRunOperation DRYRUN.SUCCESS",
    ErrorClass.FATAL: """InvalidAccessKeyId.NotFound InvalidProduct.NotFound InvalidApi.NotFound
        InvalidAction.NotFound IdempotentParameterMismatch InvalidIdempotenceParameter.Mismatch
        IdempotenceSignatureMismatch Duplicated.ClientToken InvalidClientToken.ValueNotSupported
        InsufficientBalance InvalidAccountStatus.NotEnoughBalance Account.Arrearage InvalidPayMethod
        Forbidden Forbidden.RAM Forbidden.RiskControl Forbidden.AccessKeyDisabled Forbbiden Forbbiden.SubUser
        NoPermission MissingParameter MissingParamter InvalidParameter InvalidParameter.Amount
        InvalidPassword.Malformed UnsupportedParameter SignatureDoesNotMatch IncompleteSignature
        InvalidTimeStamp.Format InvalidAccessKeyId.Inactive InvalidProtocol.NeedSsl NoSuchVersion
        InvalidAction DryRun.InvalidAmount DependencyViolation DependencyViolation.VSwitch""",
}
CASES = [(code, kind) for kind, codes in DOCUMENTED.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "kind"), CASES, ids=[code for code, _ in CASES])
@pytest.mark.parametrize("status", [400, 403, 404])
def test_the_code_decides_under_any_refusing_status(code: str, kind: ErrorClass, status: int) -> None:
    assert classify("CreateDisk", code, status) is kind


LEFT_TO_THE_STATUS = ("InvalidClientToken.ValueNotSupported", "DryRun.InvalidAmount")
WRITTEN_DOWN = [(code, kind) for code, kind in CASES if code not in LEFT_TO_THE_STATUS]


@pytest.mark.parametrize(("code", "kind"), WRITTEN_DOWN, ids=[code for code, _ in WRITTEN_DOWN])
def test_a_server_status_does_not_change_what_a_known_code_means(code: str, kind: ErrorClass) -> None:
    assert classify("CreateDisk", code, 503) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, ErrorClass.TRANSIENT),
        (429, ErrorClass.THROTTLE),
        (428, ErrorClass.FATAL),
        (499, ErrorClass.FATAL),
        (500, ErrorClass.TRANSIENT),
        (599, ErrorClass.TRANSIENT),
    ],
)
def test_the_status_speaks_for_unknown_codes_only(status: int | None, kind: ErrorClass) -> None:
    assert classify("CreateDisk", "NeverSeen", status) is kind


@pytest.mark.parametrize("code", ["DependencyViolation", "DependencyViolation.VSwitch"])
def test_a_dependency_is_waited_for_only_when_something_is_removed(code: str) -> None:
    assert classify("DeleteVpc", code, 400) is ErrorClass.CONFLICT
    assert classify("ModifyVpcAttribute", code, 400) is ErrorClass.FATAL
    assert classify("DeleteVpc", "DependencyViolations", 400) is ErrorClass.FATAL


def test_an_expired_token_is_known_in_its_second_form() -> None:
    message = "The specified SecurityToken.Expired"
    assert classify("A", "InvalidParameter", 400, message) is ErrorClass.AUTH_REFRESH
    assert classify("A", "InvalidParameter.Name", 400, message) is ErrorClass.FATAL


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("The last token request is processing.", ErrorClass.IN_PROGRESS),
        ("There is still instance(s) in the specified security group.", ErrorClass.CONFLICT),
        ("Something else", ErrorClass.FATAL),
        ("", ErrorClass.FATAL),
    ],
)
def test_two_messages_say_what_no_code_does(message: str, kind: ErrorClass) -> None:
    assert classify("DeleteSecurityGroup", "InvalidOperation", 403, message) is kind


def test_one_code_means_two_things_by_operation() -> None:
    unsupported, attached = (
        "InvalidDiskId.OperationNotSupported",
        "InvalidParameter.KeypairAlreadyAttachedInstance",
    )
    assert classify("DetachDisk", unsupported, 403) is ErrorClass.ALREADY
    assert classify("ResizeDisk", unsupported, 403) is ErrorClass.FATAL
    assert classify("DeleteKeyPairs", attached, 400) is ErrorClass.CONFLICT


@pytest.mark.parametrize(
    "operation",
    [
        "DeleteDisk",
        "DetachDisk",
        "ReleaseEipAddress",
        "UnassociateEipAddress",
        "UnassignPrivateIpAddresses",
        "UntagResources",
        "UnTagResources",
        "RevokeSecurityGroup",
        "LeaveSecurityGroup",
        "RemoveCommonBandwidthPackageIp",
    ],
)
def test_a_removal_is_known_by_its_verb(operation: str) -> None:
    assert is_removal(operation)


@pytest.mark.parametrize("operation", ["CreateDisk", "AttachDisk", "DescribeDisks", "ModifyDisk", "TagResources"])
def test_nothing_else_is_a_removal(operation: str) -> None:
    assert not is_removal(operation)
