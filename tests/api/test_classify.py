"""The table of error codes, each code by name: a changed line must break a test."""

import pytest

from ecsplan.api.classify import by_rule, classify, is_removal, patience
from ecsplan.api.codes import FACTS, SOON
from ecsplan.model.call import ErrorClass

DOCUMENTED = {
    ErrorClass.THROTTLE: """Throttling Throttling.User Throttling.Api Throttling.Resource
        Throttling.ConcurrentLimitExceeded OperationFailed.Throttling Rejected.Throttling Throttling.Anything""",
    ErrorClass.TRANSIENT: """ServiceUnavailable ServiceUnAvailable SystemBusy InternalError InternalFailure
        UnknownError InnerServiceFailed NodeControllerUnavailable Mayi.InternalError
        OperationDenied.ResourceControl SignatureNonceUsed""",
    ErrorClass.NEW_TOKEN: "IdempotentFailed",
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
        InvalidIpStatus.HasBeenUsedBySnatTable InvalidIpStatus.HasBeenUsedByForwardEntry
        CreateVSwitch.IncorrectStatus.cbnStatus DeleteVSwitch.IncorrectStatus.cbnStatus InvalidStatus.Upgrading
        InvalidStatus.InstanceHasBandWidth DiskCreatingSnapshot InvalidSnapshotId.NotReady
        IncorrectDiskStatus.Transferring InvalidSystemDiskStatus.IsTransfering InstanceNotReady InvalidInstanceStatus
        OperationDenied.InstanceCreating ImageIsCreating OperationDenied.ImageCopying TaskConflict.Anything
        InvalidStatus.NotAllow InvalidStatus.SnatOrDnat OperationFailed.QueryCenIpv6Status
        InvalidOperation.InvalidEniType InvalidOperation.HasMemberEniAttached OperationUnsupported.EipNatGWCheck
        OperationFailed.CidrInUse IncorrectStatus.RoutePropagationStatus IncorretSnatEntryStatus""",
    ErrorClass.IN_PROGRESS: """LastTokenProcessing OperationFailed.LastTokenProcessing
        OperationFailed.IdempotentTokenProcessing IdempotenceProcessing IdempotentProcessing LastOrderProcessing
        LastRequestProcessing""",
    ErrorClass.ABSENT: """InvalidInstanceId.NotFound InvalidVswitchID.NotFound InvalidVSwitchId.NotFound
        InvalidDiskId.NotFound InvalidEniId.NotFound Forbidden.InstanceNotFound ResourceNotFound.Disk
        INSTANCE_NOT_EXISTS""",
    ErrorClass.DONE: "InvalidDisk.AlreadyDetached NoChangeInDiskCategoryAndPerformanceLevel",
    ErrorClass.ALREADY: """InvalidInstanceId.AlreadyExists
        InvalidSecurityGroup.Duplicated InvalidParameter.KeypairAlreadyAttachedInstance""",
    ErrorClass.AUTH_REFRESH: """InvalidSecurityToken.Expired MissingSecurityToken
        InvalidSecurityToken.Malformed InvalidSecurityToken.MismatchWithAccessKey""",
    ErrorClass.CLOCK: "InvalidTimeStamp.Expired IllegalTimestamp",
    ErrorClass.CAPACITY: """OperationDenied.NoStock Zone.NotOnSale Zone.NotOpen InstanceType.Offline
        ResourceNotAvailable LackResource NoAvaliableDedicatedHost Invalid.PrivatePoolOptions.NoStock
        QuotaExceed.AfterpayInstance QuotaExceed.Tags QuotaExceeded.PrivateIpAddress
        OperationDenied.QuotaExceed SecurityGroupLimitExceed MaxVSwitchLimitExceeded
        InvalidResourceType.NotSupported InvalidInstanceType.NotSupported InvalidInstanceType.PhasedOut
        InvalidVpcZone.NotSupported InvalidVSwitchId.IpNotEnough MaxEniCountExceeded MaxEIPQuotaExceeded
        AutoSnapshotPolicy.QuotaExceed InsufficientBalance InsufficientBalance.Eip
        InvalidAccountStatus.NotEnoughBalance Account.Arrearage InvalidPayMethod""",
    ErrorClass.DENIED: """Forbidden Forbidden.RAM Forbidden.AccessKeyDisabled Forbbiden Forbbiden.SubUser NoPermission
        InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive SignatureDoesNotMatch IncompleteSignature""",
    ErrorClass.DRY_RUN: "DryRunOperation DRYRUN.SUCCESS",
    ErrorClass.FATAL: """InvalidProduct.NotFound InvalidApi.NotFound InvalidRegionId.NotFound InvalidZoneId.NotFound
        InvalidAction.NotFound IdempotentParameterMismatch InvalidIdempotenceParameter.Mismatch
        IdempotenceParamNotMatch
        IdempotenceSignatureMismatch Duplicated.ClientToken InvalidClientToken.ValueNotSupported
        Forbidden.RiskControl IncorrectDiskStatus.NeverAttached
        MissingParameter MissingParamter InvalidParameter InvalidParameter.Amount
        InvalidPassword.Malformed UnsupportedParameter
        InvalidTimeStamp.Format InvalidProtocol.NeedSsl NoSuchVersion
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
    assert classify("DeleteSecurityGroup", code, 400) is ErrorClass.CONFLICT
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


@pytest.mark.parametrize("operation", ["CreateVSwitch", "UnassociateEipAddress", "AttachInstanceRamRole", "DeleteVpc"])
def test_where_the_service_replays_a_refusal_a_conflict_asks_for_another_token(operation: str) -> None:
    assert classify(operation, "OperationConflict", 400) is ErrorClass.NEW_TOKEN
    assert classify(operation, "TaskConflict", 400) is ErrorClass.NEW_TOKEN
    assert classify("RunInstances", "OperationConflict", 400) is ErrorClass.CONFLICT


def test_a_missing_snapshot_policy_is_absent_by_its_status_alone() -> None:
    assert classify("DeleteAutoSnapshotPolicy", "ParameterInvalid", 404) is ErrorClass.ABSENT
    assert classify("DeleteAutoSnapshotPolicy", "ParameterInvalid", 403) is ErrorClass.FATAL
    assert classify("CreateAutoSnapshotPolicy", "ParameterInvalid", 404) is ErrorClass.FATAL


def test_renewal_waits_until_billing_has_caught_up_with_the_charge_type() -> None:
    for code in ("ChargeTypeViolation", "InvalidParameter"):
        assert classify("ModifyInstanceAutoRenewAttribute", code, 403) is ErrorClass.CONFLICT
        assert patience("ModifyInstanceAutoRenewAttribute", code, 403) == SOON
    assert classify("ModifyInstanceAutoRenewAttribute", "InvalidParameter", 400, "SecurityToken.Expired") is (
        ErrorClass.AUTH_REFRESH
    )
    assert classify("DeleteInstances", "ChargeTypeViolation", 403) is ErrorClass.FATAL


def test_the_address_of_a_machine_that_is_going_is_waited_for_in_creates_alone() -> None:
    code = "InvalidPrivateIpAddress.Duplicated"
    assert classify("RunInstances", code, 400) is ErrorClass.CONFLICT
    assert patience("RunInstances", code, 400) == 60.0
    assert classify("AssignPrivateIpAddresses", code, 400) is ErrorClass.ALREADY


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("The resource is out of usage.", ErrorClass.CAPACITY),
        ("Another Instance is being created.", ErrorClass.CONFLICT),
        ("The specified snapshot is not allowed to create disk.", ErrorClass.FATAL),
    ],
)
def test_operation_denied_is_told_apart_by_its_words(message: str, kind: ErrorClass) -> None:
    assert classify("RunInstances", "OperationDenied", 403, message) is kind


def test_no_name_stands_in_the_table_that_a_rule_knows_already() -> None:
    """General rules first: a name is written down only where the rules say nothing, or something else."""
    plain = [(code, fact.kind) for fact in FACTS for code in fact.codes if not (fact.actions or fact.words)]
    assert [code for code, kind in plain if by_rule(code) is kind and code != "*"] == []


def test_no_code_stands_in_the_table_twice_for_the_same_case() -> None:
    cases = [
        (code.lower(), action, fact.status, fact.words)
        for fact in FACTS
        for code in fact.codes
        for action in fact.actions or ("",)
    ]
    assert len(cases) == len(set(cases))


def test_one_code_means_two_things_by_operation() -> None:
    unsupported, attached = (
        "InvalidDiskId.OperationNotSupported",
        "InvalidParameter.KeypairAlreadyAttachedInstance",
    )
    assert classify("DetachDisk", unsupported, 403) is ErrorClass.DONE
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
