"""A name that the catalogue does not know is asked of the service: nothing is bought on a slip of the keyboard."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecsplan.engine.offers import not_offered
from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Severity
from ecsplan.model.resource import Resource
from ecsplan.model.values import Offer
from ecsplan.provider.offers import is_offered

KINDS = load_kinds()


class Service:
    """Knows these instance types; or refuses to say."""

    region = "cn-hangzhou"

    def __init__(self, *types: str, refusal: ApiError | None = None) -> None:
        self.types, self.refusal = types, refusal
        self.asked: list[Request] = []

    def send(self, request: Request) -> Mapping[str, Any]:
        self.asked.append(request)
        if self.refusal is not None:
            raise self.refusal
        return {"InstanceTypes": {"InstanceType": [{"InstanceTypeId": name} for name in self.types]}}

    def is_offered(self, offer: Offer, name: str) -> bool:
        return is_offered(self, offer, name)

    def pages(self, *args: Any, **options: Any) -> Sequence[Mapping[str, Any]]:
        raise AssertionError("no list is read")


def judged(service: Service, name: str) -> list[Any]:
    address = Address("instance", "web")
    declared = {address: Resource(address, {"instance_type": name}, "web", True)}
    return not_offered(service, KINDS, declared, [Change(address, Action.CREATE, None, declared[address])])


def test_a_known_name_costs_no_call() -> None:
    service = Service()
    assert judged(service, "ecs.g7.large") == []
    assert service.asked == []


def test_a_name_that_only_the_service_knows_passes() -> None:
    assert judged(Service("ecs.g99.large"), "ecs.g99.large") == []


def test_a_name_that_neither_knows_is_an_error_with_a_near_one() -> None:
    (error,) = judged(Service(), "ecs.g7.lrge")
    assert error.severity is Severity.ERROR
    assert "ecs.g7.large" in error.detail


def test_where_the_key_may_not_ask_it_is_a_warning() -> None:
    denied = ApiError("DescribeInstanceTypes", "Forbidden.RAM", "no", error_class=ErrorClass.DENIED, status=403)
    (warning,) = judged(Service(refusal=denied), "ecs.g7.lrge")
    assert warning.severity is Severity.WARNING and "Forbidden.RAM" in warning.summary
