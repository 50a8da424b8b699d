"""Codes of the products around ECS, in the spellings that each has: waited for, sent again, or taken for done."""

import pytest

from ecsplan.api.classify import classify
from ecsplan.model.call import ErrorClass

BUSY = (ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN, ErrorClass.IN_PROGRESS, ErrorClass.TRANSIENT, ErrorClass.THROTTLE)
GROUP = "IdempotenceProcessing SystemBusy"
FOR_A_WHILE = {
    "AddVServerGroupBackendServers": """ServiceIsConfiguring ServiceIsStopping OperationBusy SystemBusy
        BackendServer.configuring VServerGroupProcessing""",
    "RemoveVServerGroupBackendServers": "ObtainIpFail ServiceIsStopping VServerGroupProcessing",
    "AddServersToServerGroup": f"""{GROUP} IncorrectStatus.ServerGroup IncorrectStatus.serverGroup Conflict.Lock
        OperationFailed.ResourceIsConfiguring""",
    "RemoveServersFromServerGroup": f"{GROUP} IncorrectStatus.ServerGroup IncorrectStatus.serverGroup",
    "AddCommonBandwidthPackageIp": """BandwidthPackageOperation.conflict OperationConflict LastTokenProcessing
        IncorrectStatus SystemBusy ServiceUnavailable TaskConflict EipOperation.TooFrequently IncorrectStatus.Eip""",
    "CreateIpv6Gateway": "IncorrectStatus.Vpc OperationConflict IncorrectStatus LastTokenProcessing SystemBusy",
    "DeleteIpv6Gateway": "DependencyViolation.Ipv6InternetBandwidth IncorrectStatus.Vpc",
    "UpdateNetworkAclEntries": """LastTokenProcessing OperationConflict SystemBusy IncorrectStatus
        IncorrectStatus.Vpc NetworkAclExistBinding""",
    "AssociateNetworkAcl": """ResourceStatus.Error OperationDenied.NetworkAclAttachmentInMiddleStatus
        NetworkStatus.Modifying""",
    "AssociateEipAddress": "IncorrectHaVipStatus InvalidVip.Status IncorrectInstanceStatus",
}
GONE = {
    "RemoveServersFromServerGroup": """ResourceNotFound.ServerGroup ResourceNotFound.serverGroup
        ResourceNotFound.BackendServer ResourceNotFound.LoadBalancer""",
    "RemoveVServerGroupBackendServers": "InvalidLoadBalancerId.NotFound",
    "DeleteCommonBandwidthPackage": "InvalidBandwidthPackageId.NotFound",
    "DeleteNetworkAcl": "InvalidNetworkAcl.NotFound",
}


def each(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(operation, code) for operation, codes in table.items() for code in codes.split()]


@pytest.mark.parametrize(("operation", "code"), each(FOR_A_WHILE))
def test_a_neighbour_that_is_busy_is_waited_for(operation: str, code: str) -> None:
    assert classify(operation, code, 400) in BUSY


@pytest.mark.parametrize(("operation", "code"), each(GONE))
def test_what_is_gone_or_out_already_is_done_where_it_is_to_go(operation: str, code: str) -> None:
    assert classify(operation, code, 400) in (ErrorClass.ABSENT, ErrorClass.DONE)


def test_a_parameter_that_is_not_valid_is_not_taken_for_a_group_that_is_gone() -> None:
    """A vServer group that is gone has the plain code InvalidParameter, and words of its own."""
    operation = "RemoveVServerGroupBackendServers"
    assert classify(operation, "InvalidParameter", 400, "The specified parameter is not valid.") is ErrorClass.FATAL
    gone = classify(operation, "InvalidParameter", 400, "The specified VServerGroupId does not exist.")
    assert gone is ErrorClass.ABSENT
