"""What `ecsplan doctor` sees of this account."""

from ecsplan import engine
from ecsplan.model.doctor import Health

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
