"""Which drift, plan and report is told, and in which words."""

from ecsplan.model.address import Address
from ecsplan.model.drift import Drift, DriftFinding, Moved
from ecsplan.model.ruling import Answer, Need, RuleFinding, Ruling
from ecsplan.render.drift import drift_view
from ecsplan.render.notice import approval_notice, drift_notice, report_notice
from ecsplan.render.report import report_view
from ecsplan.render.view import view
from tests.render.plans import a_report, every_action


def test_drift_is_told_with_its_addresses_and_none_is_not() -> None:
    gone = DriftFinding(Address("vpc", "main"), Moved.DELETED, "vpc-1")
    told = drift_notice(drift_view(Drift("shop", "cn-hangzhou", "1", (gone,) * 60, ())))
    assert told is not None and told.kind == "drift" and told.stack == "shop"
    assert told.lines[0] == "deleted vpc.main" and told.lines[-1] == "and 20 more"
    assert drift_notice(drift_view(Drift("shop", "cn-hangzhou", "1", (), ()))) is None


def test_a_plan_is_told_only_if_approvals_are_missing() -> None:
    seen = view(every_action())
    needs = RuleFinding("approvals", "data_loss", ("disk.db",), "data", approvals=2, group="dba")
    told = approval_notice(seen, Ruling((needs,), answers=(Answer(Need("data_loss", 2, "dba"), ()),)))
    assert told is not None and told.kind == "approval"
    assert told.lines[0] == "needs 2 approvals of dba: data loss on disk.db" and len(told.lines) > 1
    forbidden = RuleFinding("forbid", "data_loss", ("disk.db",), "data")
    assert approval_notice(seen, Ruling((forbidden,))) is None
    assert approval_notice(seen, Ruling(())) is None


def test_a_report_with_failures_is_a_failure() -> None:
    told = report_notice(report_view(a_report()), "shop", "cn-hangzhou")
    assert told is not None and told.kind == "failure" and told.lines
