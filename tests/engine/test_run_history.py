"""What a run leaves in the history: its steps with request ids, its plan with the values before, and how it ended."""

import pytest

from ecsplan import engine
from ecsplan.engine.runs import find_run, recent_runs
from ecsplan.files.own import own_folder
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.history import COMPLETE, CUT_OFF, FAILED, PARTLY, RUNNING
from tests.kinds.cloud import Cloud, with_instance

OLD, NEW = with_instance(), with_instance("description: second")


class Killed(BaseException):
    """The power went out."""


def runs(cloud: Cloud):
    return recent_runs("", state_dir=str(cloud.folder / ".ecsplan"))


def last(cloud: Cloud):
    return find_run("", "last", state_dir=str(cloud.folder / ".ecsplan"))


def test_a_run_is_recorded_with_its_steps_and_the_values_before(cloud):
    cloud.apply(OLD, store="")
    cloud.clock.advance(300)
    cloud.apply(NEW, store="", approvals=("ann",))
    assert [run.outcome for run in runs(cloud)] == [COMPLETE, COMPLETE]
    run = last(cloud)
    assert (run.stack, run.region, run.operation, run.approvals) == ("demo", "cn-hangzhou", "apply", ("ann",))
    assert run.who and run.host and run.digest.startswith("sha256:") and run.ended >= run.started
    assert {step.status for step in run.steps} == {"done"} and len(run.steps) == run.planned
    update = next(step for step in run.steps if step.step == "update instance.web")
    assert update.operations == ("ModifyInstanceAttribute",) and all(len(id_) == 36 for id_ in update.request_ids)
    (line,) = next(c for c in engine.load_plan(run.plan).changes if str(c.address) == "instance.web").attributes
    assert (line.before, line.after) == (None, "second")


def test_a_step_that_failed_has_its_code_and_request_id(cloud):
    cloud.apply(OLD)
    cloud.faults({"fault": "error", "action": "ModifyInstanceAttribute", "code": "OperationDenied", "status": 403})
    cloud.try_apply(with_instance("description: xyz", more="eip:\n  e: {charge_type: PayByTraffic}\n"), store="")
    run = last(cloud)
    assert run.outcome == PARTLY
    failed = next(step for step in run.steps if step.status == "failed")
    assert failed.code == "OperationDenied" and len(failed.request_ids[-1]) == 36
    assert {step.status for step in run.steps} == {"done", "failed", "skipped"}


def test_a_run_that_changed_nothing_has_failed(cloud):
    cloud.apply(OLD)
    fault = {"fault": "error", "code": "OperationDenied", "status": 403}
    cloud.faults(fault | {"action": "ModifyInstanceAttribute"}, fault | {"action": "TagResources"})
    cloud.try_apply(NEW, store="")
    assert last(cloud).outcome == FAILED


def test_a_killed_run_is_known_as_cut_off_by_the_next(cloud, monkeypatch):
    cloud.apply(OLD)

    def handle(request, real=cloud.service.handle):
        if request.headers.get("x-acs-action") == "ModifyInstanceAttribute":
            raise Killed
        return real(request)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(cloud.service, "handle", handle)
        cloud.try_apply(NEW, store="")
    assert last(cloud).outcome == RUNNING and last(cloud).ended is None
    cloud.clock.advance(300)
    cloud.apply(NEW, store="")
    assert [run.outcome for run in runs(cloud)] == [COMPLETE, CUT_OFF]


def test_a_history_that_cannot_be_written_does_not_stop_a_run(cloud):
    own_folder(cloud.folder / ".ecsplan")
    (cloud.folder / ".ecsplan" / "history.db").write_text("no database, and long enough to be taken for one" * 50)
    told = []
    plan = cloud.plan(OLD)
    options = engine.ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), store="", approved=True, allow_destroy=9)
    assert engine.apply(plan, cloud.api, options, events=told.append).is_complete
    warnings = [event["message"] for event in told if event["type"] == "diagnostic"]
    assert len(warnings) == 1 and "not recorded" in warnings[0]


def test_a_store_that_was_named_and_is_not_there_stops_the_run_before_it_writes(cloud):
    cloud.forget()
    with pytest.raises(Rejected, match="cannot be recorded"):
        cloud.try_apply(OLD, store="ftp://nowhere/x")
    assert cloud.changed() == []


def test_a_run_is_found_by_a_part_of_its_id_that_no_other_has(cloud):
    cloud.apply(OLD, store="")
    cloud.clock.advance(300)
    cloud.apply(NEW, store="")
    state, second, first = str(cloud.folder / ".ecsplan"), *(run.id for run in runs(cloud))
    assert find_run("", first[-6:], state_dir=state).id == first
    assert find_run("", "last", state_dir=state).id == second
    with pytest.raises(Rejected, match="several runs have 20"):
        find_run("", "20", state_dir=state)
    with pytest.raises(Rejected, match="no run is called nonsense"):
        find_run("", "nonsense", state_dir=state)


def test_without_a_store_nothing_is_recorded(cloud):
    cloud.apply(OLD)
    assert not (cloud.folder / ".ecsplan" / "history.db").exists() and not runs(cloud)
