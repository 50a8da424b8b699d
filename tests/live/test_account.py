"""What `ecsplan doctor` sees of this account."""

from ecsplan import engine
from ecsplan.model.doctor import Health
from ecsplan.preflight.quota_center import PRODUCTS, request_of
from ecsplan.preflight.world import rows_at

from .account import Account
from .findings import Findings


def test_doctor_finds_nothing_in_the_way(account: Account, findings: Findings) -> None:
    with findings.that("doctor finds no problem") as finding:
        found = engine.doctor(account.client, conformance=True)
        finding.seen["not sound"] = [check.name for check in found.checks if check.health is Health.PROBLEM]
        assert found.is_sound
    with findings.of("how answers differ from what is documented of them") as finding:
        assert found.conformance is not None
        finding.seen["deviations"] = [
            f"{one.operation} {one.path}: {one.problem} ({one.count} of {one.of})"
            for one in found.conformance.deviations
            if one.problem != "absent"
        ]


def test_which_quotas_the_quota_center_tells(account: Account, findings: Findings) -> None:
    """Codes and dimensions are read off consoles and pages; an account tells whether they are those."""
    for product in PRODUCTS:
        with findings.of(f"codes of quotas of {product}") as finding:
            rows = rows_at(account.client.send(request_of(product, account.client.region)), "Quotas")
            finding.seen["codes"] = sorted(str(row.get("QuotaActionCode")) for row in rows)
            finding.seen["without use"] = sum(not row.get("Consumable") for row in rows)
            finding.seen["dimensions"] = sorted({name for row in rows for name in row.get("Dimensions") or {}})
