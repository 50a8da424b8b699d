"""What a failed step says that a person can do about it."""

import pytest

from ecsplan.executor.outcome import advice
from ecsplan.model.call import ApiError, ErrorClass


def told(code: str, error_class: ErrorClass, message: str = "no", **detail: object) -> str:
    return advice(ApiError("RunInstances", code, message, error_class=error_class, detail=detail))


@pytest.mark.parametrize(
    ("code", "message", "word"),
    [
        ("InvalidResourceType.NotSupported", "user order resource type not exists", "another type or zone"),
        ("OperationDenied", "The resource is out of usage.", "another type or zone"),
        ("InvalidVSwitchId.IpNotEnough", "", "larger"),
        ("MaxEniCountExceeded", "", "quota"),
        ("QuotaExceed.ElasticQuota", "", "quota"),
        ("InsufficientBalance", "Your account does not have enough balance.", "top up"),
        ("OperationDenied.UnpaidOrder", "", "pay"),
    ],
)
def test_what_is_short_is_named_with_what_can_be_done(code, message, word):
    assert word in told(code, ErrorClass.CAPACITY, message)


def test_a_missing_permission_is_named_as_the_service_names_it():
    assert "allow RunInstances" in told("Forbidden.RAM", ErrorClass.DENIED)
    detail = {"AuthAction": "ecs:RunInstances"}
    assert "allow ecs:RunInstances" in told("Forbidden.RAM", ErrorClass.DENIED, AccessDeniedDetail=detail)


@pytest.mark.parametrize("code", ["InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch"])
def test_a_wrong_key_is_no_missing_permission(code):
    assert "access key" in told(code, ErrorClass.DENIED)


@pytest.mark.parametrize(
    ("code", "error_class", "word"),
    [
        ("InvalidImageId.NotFound", ErrorClass.ABSENT, "catalog images"),
        ("InvalidImageFamily.NotFound", ErrorClass.ABSENT, "catalog images"),
        ("InvalidZoneId.NotFound", ErrorClass.FATAL, "catalog zones"),
        ("InvalidInstanceType.NotFound", ErrorClass.FATAL, "catalog instance-types"),
        ("InvalidInstanceType.ValueNotSupported", ErrorClass.FATAL, "catalog instance-types"),
        ("InvalidSystemDiskCategory.ValueNotSupported", ErrorClass.FATAL, "catalog disk-categories"),
        ("InvalidRegionId.NotFound", ErrorClass.FATAL, "catalog regions"),
        ("InvalidVSwitchId.NotFound", ErrorClass.ABSENT, "check its ids"),
    ],
)
def test_what_no_stack_makes_is_named_with_where_it_can_be_looked_up(code, error_class, word):
    assert word in told(code, error_class)


QUIET = {ErrorClass.DONE, ErrorClass.DRY_RUN}


@pytest.mark.parametrize("error_class", [kind for kind in ErrorClass if kind not in QUIET])
def test_every_refusal_says_what_to_do(error_class):
    assert told("Code", error_class)
