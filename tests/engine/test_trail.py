"""Who changed it, as ActionTrail tells: the newest change that was not ours, within the service's rate."""

from ecsplan import engine
from ecsplan.engine.trail import touches
from ecsplan.model.call import Request
from ecsplan.model.copying import replace
from ecsplan.render.drift import drift_document, drift_text, drift_view
from tests.kinds.cloud import Cloud, stack_of

TEXT = stack_of("""
vpc:
  main: {cidr_block: 10.0.0.0/8}
security_group:
  web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}
  db: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}
""")


def by_hand(cloud: Cloud, group: str, port: int) -> None:
    """Another program, with the key of the account."""
    before = cloud.api.settings
    cloud.api.settings = replace(before, user_agent="AliyunConsole")
    rule = {"IpProtocol": "tcp", "PortRange": f"{port}/{port}", "SourceCidrIp": "0.0.0.0/0"}
    cloud.api.send(Request("AuthorizeSecurityGroup", {"RegionId": "cn-hangzhou", "SecurityGroupId": group,
                                                      "Permissions": [rule]}, write=True))  # fmt: skip
    cloud.api.settings = before


def test_the_newest_change_that_was_not_ours_is_told(cloud: Cloud) -> None:
    cloud.settled(TEXT)
    for number, thing in enumerate(cloud.things("securitygroup")):
        by_hand(cloud, thing.id, 22 + number)
    drift = engine.drift(cloud.load(TEXT), cloud.api, state_dir=str(cloud.folder / ".ecsplan"))
    began = cloud.clock.now()
    found = touches(drift, cloud.api)
    assert len(found) == len(drift.findings) == 2 and cloud.clock.now() - began >= 0.5
    assert {(one.user, one.action, one.agent) for one in found.values()} == {
        ("emulator", "AuthorizeSecurityGroup", "AliyunConsole"),
    }  # fmt: skip
    view = drift_view(drift, found)
    assert "AuthorizeSecurityGroup by emulator at " in drift_text(view)
    assert "AliyunConsole" in drift_document(view)["drift"][0]["detail"]


def test_what_ecsplan_did_is_left_out(cloud: Cloud) -> None:
    cloud.settled(TEXT)
    group = cloud.things("securitygroup")[0].id
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "0.0.0.0/0"}
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule])
    drift = engine.drift(cloud.load(TEXT), cloud.api, state_dir=str(cloud.folder / ".ecsplan"))
    assert drift.findings and not touches(drift, cloud.api)
