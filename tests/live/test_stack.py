"""A whole stack of free things through the engine: planned, applied, settled, drifted, destroyed."""

from pathlib import Path

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions

from .account import VPC, Account
from .conftest import Network
from .findings import Findings
from .sweep import ours

TEXT = """\
apiVersion: ecsplan/v1
stack: STACK
region: REGION
resources:
  vpc: {main: {cidr_block: 10.98.0.0/16}}
  vswitch: {app: {vpc: main, zone: ZONE, cidr_block: 10.98.1.0/24}}
  security_group:
    web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}
  network_interface: {back: {vswitch: app, security_groups: [web]}}
  auto_snapshot_policy: {nightly: {hours: [2], weekdays: [1], retention_days: 7}}
"""


def test_a_stack_is_made_settles_and_goes_without_a_trace(
    account: Account, network: Network, findings: Findings, tmp_path: Path
) -> None:
    stack_name = account.name("stack")
    path = tmp_path / "stack.yaml"
    text = TEXT.replace("STACK", stack_name).replace("REGION", account.client.region).replace("ZONE", network.zone)
    path.write_text(text, encoding="utf-8")
    stack, folder = engine.load(str(path)), str(tmp_path / ".ecsplan")
    looking, doing = PlanOptions(state_dir=folder), ApplyOptions(state_dir=folder, approved=True, allow_destroy=100)
    with findings.that("a stack of free things is applied, and differs in nothing afterwards") as finding:
        report = engine.apply(engine.plan(stack, account.client, looking), account.client, doing)
        assert report.is_complete, list(report.failed)
        finding.seen["calls"], finding.seen["seconds"] = report.calls, round(report.seconds)
        again = engine.plan(stack, account.client, looking)
        finding.seen["differences"] = sorted(
            f"{change.kind}.{line.name}" for change in again.changes for line in change.attributes
        )
        assert again.is_empty
    with findings.that("another clone without a journal sees the same"):
        assert engine.plan(stack, account.client, PlanOptions(state_dir=str(tmp_path / "other"))).is_empty
    with findings.that("what is changed outside is seen as drift"):
        group = next(r for k, r in ours(account, stack_name) if k == "security_group")["SecurityGroupId"]
        rule = {"IpProtocol": "TCP", "PortRange": "22/22", "SourceCidrIp": "192.0.2.0/24"}
        account.call("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule])
        drift = engine.drift(stack, account.client, looking, state_dir=folder)
        assert [str(found.address) for found in drift.findings] == ["security_group.web"]
    with findings.that("a destroyed stack leaves nothing"):
        gone = engine.plan(stack, account.client, PlanOptions(state_dir=folder, destroy=True))
        assert engine.apply(gone, account.client, doing).is_complete
        assert not [kind for kind, _ in ours(account, stack_name)]
        vpcs = account.call("DescribeVpcs", VPC, PageSize=50)["Vpcs"]["Vpc"]
        assert not [raw for raw in vpcs if str(raw["VpcName"]).startswith(stack_name)]
