"""The table of facts: what the service means by a code. `classify` reads it, general rules before names.

A fact holds for all actions and statuses unless it names some; one that names more comes first. `words` are a part of
the message, in lower case, for codes that have several meanings. `patience` is how long, in seconds, it is worth
waiting where the code may also mean something that does not pass.

Sources: `docs` the error tables of the official reference, `provider` the retries of the official Terraform provider
(aliyun/terraform-provider-alicloud), `seen` answers in public issue threads.
"""

from msgspec import Struct

from ecsplan.model.call import ErrorClass

SOON = 120.0  # seconds; what passes by itself has passed by then


class Fact(Struct, frozen=True):
    """What some codes mean; `actions` and `status` limit it, None and () are any."""

    kind: ErrorClass
    source: str
    codes: tuple[str, ...]
    actions: tuple[str, ...] = ()
    status: int | None = None
    words: str = ""
    patience: float | None = None


def _fact(kind: ErrorClass, source: str, codes: str, actions: str = "", **more: object) -> Fact:
    return Fact(kind, source, tuple(codes.split()), tuple(actions.split()), **more)  # type: ignore[arg-type]


# Prefix, infix or suffix, and what it means. Tried in this order, after the names below.
PREFIXES = (
    ("TaskConflict", ErrorClass.CONFLICT),
    ("ResourceNotFound.", ErrorClass.ABSENT),
    ("OperationUnsupported.EipNat", ErrorClass.CONFLICT),
    ("InvalidParameter", ErrorClass.FATAL),
    ("Forbidden", ErrorClass.DENIED),
    ("Forbbiden", ErrorClass.DENIED),  # the service's own spelling
    ("NoPermission", ErrorClass.DENIED),
    ("PermissionDenied", ErrorClass.DENIED),
    ("InvalidAccessKeyId", ErrorClass.DENIED),
    ("InvalidUser.", ErrorClass.DENIED),
)
INFIXES = (
    ("Throttling", ErrorClass.THROTTLE),
    ("TokenProcessing", ErrorClass.IN_PROGRESS),
    ("IdempotentProcessing", ErrorClass.IN_PROGRESS),
    ("IdempotenceProcessing", ErrorClass.IN_PROGRESS),
    ("LastOrderProcessing", ErrorClass.IN_PROGRESS),
    ("LastRequestProcessing", ErrorClass.IN_PROGRESS),
    ("IdempotentFailed", ErrorClass.NEW_TOKEN),
    (".IncorrectStatus", ErrorClass.CONFLICT),
    ("MiddleStatus", ErrorClass.CONFLICT),
    ("QuotaExceed", ErrorClass.CAPACITY),
    ("LimitExceed", ErrorClass.CAPACITY),
    ("CountExceeded", ErrorClass.CAPACITY),
    ("NoStock", ErrorClass.CAPACITY),
    ("NotOnSale", ErrorClass.CAPACITY),
    ("InsufficientBalance", ErrorClass.CAPACITY),
    ("NotEnoughBalance", ErrorClass.CAPACITY),
    ("Arrear", ErrorClass.CAPACITY),
)
SUFFIXES = (
    ("NotFound", ErrorClass.ABSENT),
    (".NotExist", ErrorClass.ABSENT),
    (".Released", ErrorClass.ABSENT),
    (".Duplicated", ErrorClass.ALREADY),
    (".Malformed", ErrorClass.FATAL),
    # What something is busy with.
    ("Creating", ErrorClass.CONFLICT),
    ("Copying", ErrorClass.CONFLICT),
    ("Initializing", ErrorClass.CONFLICT),
    ("Transferring", ErrorClass.CONFLICT),
    ("Transfering", ErrorClass.CONFLICT),  # the service's own spelling
    ("Upgrading", ErrorClass.CONFLICT),
    ("Changing", ErrorClass.CONFLICT),
    ("Modifying", ErrorClass.CONFLICT),
    ("NotReady", ErrorClass.CONFLICT),
    ("CreatingSnapshot", ErrorClass.CONFLICT),
)
# IncorrectVpcStatus, IncorrectInstanceStatus.Initializing, IncorretSnatEntryStatus (the service's own spelling).
STATUS_PATTERN = r"Incorrec?t[A-Za-z]*Status(\.|$)"
# InvalidIdempotenceParameter.Mismatch, IdempotenceParamNotMatch, IdempotentParameterMismatch and their like.
MISMATCH_PATTERN = r"Idempoten.*(Mismatch|NotMatch)$"
# What ends with NotFound and is nothing that an account has: it will not come with time, and nothing is to be removed.
NEVER_THERE_PATTERN = (
    r"(^|\.|Invalid|Destination|Source)(Region|RegionId|Zone|ZoneId|Account|BillingMethod|PaymentMethod|AcceptLanguage"
    r"|LockReason|FilterKey|InstanceChargeType|DiskChargeType|NetworkType|Status|SnapshotType|ResourceType|Credit"
    r"|PricePlanResult|Purchase|Language|InstanceType|Product|Api|Action)\.?(NotFound)$"
)

FACTS = (
    # One code, several meanings: by action, status or words.
    _fact(ErrorClass.ABSENT, "docs", "ParameterInvalid",
          "DeleteAutoSnapshotPolicy ApplyAutoSnapshotPolicy CancelAutoSnapshotPolicy ModifyAutoSnapshotPolicyEx",
          status=404),
    _fact(ErrorClass.CONFLICT, "provider", "InvalidParameter ChargeTypeViolation",
          "ModifyInstanceAutoRenewAttribute DescribeInstanceAutoRenewAttribute", patience=SOON),
    _fact(ErrorClass.CONFLICT, "provider", "ChargeTypeViolation", "ModifyPrepayInstanceSpec ModifyDiskChargeType",
          patience=SOON),
    _fact(ErrorClass.CONFLICT, "provider", "InvalidChargeType.ValueNotSupported", "ModifyInstanceAttribute",
          patience=SOON),
    _fact(ErrorClass.CONFLICT, "docs", "OrderCreationFailed", "ModifyPrepayInstanceSpec", patience=SOON),
    _fact(ErrorClass.CONFLICT, "docs", "InvalidPrivateIpAddress.Duplicated", "RunInstances CreateNetworkInterface",
          patience=60.0),  # of a machine just deleted, or somebody's
    _fact(ErrorClass.CONFLICT, "docs", "OperationDenied", words="is being created"),
    _fact(ErrorClass.CONFLICT, "docs", "OperationDenied", "ResizeDisk", words="status of the disk", patience=SOON),
    _fact(ErrorClass.CAPACITY, "seen", "OperationDenied", words="out of usage"),
    _fact(ErrorClass.CAPACITY, "docs", "OperationDenied", words="not enough ip"),
    _fact(ErrorClass.DONE, "provider", "InvalidDiskId.OperationNotSupported", "DetachDisk"),
    _fact(ErrorClass.DONE, "provider", "InvalidInstanceId.AlreadyExists", "JoinSecurityGroup"),
    _fact(ErrorClass.DONE, "provider", "InvalidResource.NotBinding", "UnassociateNetworkAcl"),
    _fact(ErrorClass.DONE, "provider", "InvalidParameter", "DeleteSnapshot"),
    _fact(ErrorClass.CONFLICT, "provider", "InvalidParameter.KeypairAlreadyAttachedInstance", "DeleteKeyPairs"),
    _fact(ErrorClass.FATAL, "docs", "InvalidRamRole.NotFound", "AttachInstanceRamRole RunInstances"),
    _fact(ErrorClass.TRANSIENT, "docs", "InvalidGressFlow.Malformed", status=500),
    # Throttling and faults of the service.
    _fact(ErrorClass.TRANSIENT, "docs",
          "ServiceUnavailable SystemBusy InternalError InternalFailure UnknownError OperationDenied.ResourceControl"
          " InnerServiceFailed NodeControllerUnavailable"),
    _fact(ErrorClass.TRANSIENT, "seen", "Mayi.InternalError"),  # although its status is 403
    _fact(ErrorClass.TRANSIENT, "docs", "SignatureNonceUsed"),  # the first copy of these bytes may be carried out
    # Server groups of balancers.
    _fact(ErrorClass.ABSENT, "provider", "InvalidParameter", words="vservergroupid does not exist"),
    _fact(ErrorClass.CONFLICT, "provider",
          "ServiceIsConfiguring ServiceIsStopping OperationBusy BackendServer.configuring VServerGroupProcessing"
          " ObtainIpFail OperationFailed.ResourceIsConfiguring Conflict.Lock"
          " OperationFailed.ResourceGroupStatusCheckFail"),
    # Busy for a while.
    _fact(ErrorClass.CONFLICT, "provider",
          "OperationConflict Operation.Conflict InvalidOperation.Conflict OperationDenied.CreatingConflict"
          " BandwidthPackageOperation.conflict NetworkAclExistBinding InvalidVip.Status"
          " OperationDenied.OtherSubnetProcessing VPC_TASK_CONFLICT VswitchStatusError InvalidBindingStatus"
          " OperationFailed.DistibuteLock OperationFailed.NotifyCenCreate OperationFailed.EcsMigrating"
          " OperationFailed.QueryCenIpv6Status OperationFailed.CidrInUse OperationFailed.ConcurrentOperation"
          " OperationFailed.EipStatusInvalid OperationFailure.OperationFailed OperationUnsupported.EipInBinding"
          " DiskInCoolingPeriod EipOperation.TooFrequently FrequentPurchase.EIP DisksDetachingOnEcsExceeded"
          " InvalidVBRStatus InvalidHdMonitorStatus ResourceStatus.Error OperationDenied.Ipv4GatewayNotActive"),
    _fact(ErrorClass.CONFLICT, "provider",
          "InvalidStatus InvalidStatus.RouteEntry InvalidStatus.EcsStatusNotSupport InvalidStatus.EniStatusNotSupport"
          " InvalidStatus.InstanceHasBandWidth InvalidStatus.NotAllow InvalidStatus.SnatOrDnat"
          " InvalidIpStatus.HasBeenUsedBySnatTable InvalidIpStatus.HasBeenUsedByForwardEntry"),
    _fact(ErrorClass.CONFLICT, "docs",
          "InvalidOperation.InvalidEniState InvalidOperation.InvalidEcsState InvalidInstanceStatus"
          " InvalidInstanceStatus.NotStopped InvalidInstanceStatus.NotRunning InvalidStatus.NotStopped"),
    _fact(ErrorClass.CONFLICT, "provider", "InvalidOperation.InvalidEniType InvalidOperation.HasMemberEniAttached",
          patience=SOON),
    _fact(ErrorClass.CONFLICT, "docs", "DiskError DiskStillAttached", patience=SOON),
    # An EIP that was bound to the gateway a moment ago.
    _fact(ErrorClass.CONFLICT, "provider", "EIP_NOT_IN_GATEWAY InvalidIp.NotInNatgw",
          "CreateSnatEntry CreateForwardEntry", patience=SOON),
    # What looks busy by its name, and stays so.
    _fact(ErrorClass.FATAL, "docs",
          "IncorrectDiskStatus.NeverAttached IncorrectDiskStatus.NeverUsed IncorrectDiskStatus.Invalid"
          " IncorrectImageStatus IncorrectRecycleBinStatus"),
    # Gone, or as it was to be.
    _fact(ErrorClass.ABSENT, "seen", "Forbidden.InstanceNotFound Forbidden.VpcNotFound"),
    _fact(ErrorClass.ABSENT, "provider", "INSTANCE_NOT_EXISTS NoSuchResource InvalidSecurityGroupId"),
    _fact(ErrorClass.DONE, "provider", "InvalidDisk.AlreadyDetached NoChangeInDiskCategoryAndPerformanceLevel"),
    _fact(ErrorClass.ALREADY, "provider",
          "InvalidInstanceId.AlreadyExists InvalidParameter.KeypairAlreadyAttachedInstance"),
    # A look at these decides: the object is there, and it is ours or it is not.
    _fact(ErrorClass.ALREADY, "provider", "Duplicated.VpcNextHop InvalidCIDRBlock.Duplicate KeyPair.AlreadyExist"),
    # No stock, no room, no money.
    _fact(ErrorClass.CAPACITY, "docs",
          "InvalidResourceType.NotSupported InvalidInstanceType.NotSupported InvalidInstanceType.PhasedOut"
          " InvalidInstanceType.ZoneNotSupported InvalidVpcZone.NotSupported InvalidVSwitchId.IpNotEnough Zone.NotOpen"
          " InstanceType.Offline ResourceNotAvailable LackResource OperationDenied.NoVlan"
          " OperationDenied.ZoneNotAllowed OperationDenied.ZoneSystemCategoryNotMatch CategoryNotSupported"
          " DeploymentSet.NoRoom InvalidPayMethod InvalidInstance.UnpaidOrder InvalidInstance.OverduePayment"
          " OperationDenied.UnpaidOrder"),
    _fact(ErrorClass.CAPACITY, "seen", "NoAvaliableDedicatedHost"),  # the service's own spelling
    # Keys.
    _fact(ErrorClass.AUTH_REFRESH, "seen",
          "InvalidSecurityToken.Expired MissingSecurityToken InvalidSecurityToken.Malformed"
          " InvalidSecurityToken.MismatchWithAccessKey"),
    _fact(ErrorClass.AUTH_REFRESH, "seen", "InvalidParameter", words="securitytoken.expired"),
    _fact(ErrorClass.CLOCK, "docs", "InvalidTimeStamp.Expired IllegalTimestamp"),
    _fact(ErrorClass.DENIED, "seen", "SignatureDoesNotMatch IncompleteSignature Unauthorized.EmptyRegion"),
    _fact(ErrorClass.DRY_RUN, "docs", "DryRunOperation DRYRUN.SUCCESS"),
    # What is refused for good, whatever it is called.
    _fact(ErrorClass.FATAL, "docs",
          "Forbidden.RiskControl Forbidden.ChargeTypeIsPrepaid Forbidden.RegionId Duplicated.ClientToken"
          " MissingParameter MissingParamter UnsupportedParameter InvalidTimeStamp.Format InvalidProtocol.NeedSsl"
          " NoSuchVersion InvalidAction InstancesIdQuotaExceed"),
    # The service has no code of its own for these two.
    _fact(ErrorClass.IN_PROGRESS, "seen", "*", words="the last token request is processing"),
    _fact(ErrorClass.CONFLICT, "seen", "*", words="there is still instance(s) in the specified security group"),
)  # fmt: skip

RENEWING = frozenset(("CreateVSwitch", "UnassociateEipAddress", "AttachInstanceRamRole", "DeleteVpc"))
"""Where the provider sends with another token after a conflict: under the old one the service replays the refusal."""

REMOVALS = (
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
