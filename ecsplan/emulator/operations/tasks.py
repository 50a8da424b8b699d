"""Long jobs: started by other families, seen and cancelled here."""

from __future__ import annotations

from math import inf

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations.instances import require_instance, require_status
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal

NOT_FOUND = "InvalidTaskId.NotFound"
CANCELLABLE = ("ImportImage", "ExportImage")


def start_task(call: Call, action: str, resource: str) -> Thing:
    task = call.account.add("task", call.region, call.account.new_id("t", call.region), {
        "TaskAction": action,
        "Status": "Processing",
        "ResourceId": resource,
        "CreationTime": to_seconds(call.now),
    })  # fmt: skip
    call.in_settle(task, "task_finished", Status="Finished")
    return task


@effect("task_finished")
def finished(lifecycle: Lifecycle, task: Thing, now: float) -> None:
    lifecycle.account.change(task, FinishedTime=to_seconds(now))


def describe_tasks(call: Call) -> Body:
    group, ids = call.get("TaskGroupId"), call.commas("TaskIds", 100)
    if group is not None:  # the other conditions do not count then
        tasks = [task for task in call.listed("task") if task.get("TaskGroupId") == group]
        return {"RegionId": call.region, **by_number(call, tasks, _row, ("TaskSet", "Task"), 100)}
    tasks = call.listed("task") if ids is None else call.listed_by("task", ids)
    tasks = call.filtered(tasks, TaskAction="TaskAction")
    if call.get("TaskStatus") in ("Finished", "Processing", "Failed"):
        tasks = [task for task in tasks if task.status == call.get("TaskStatus")]
    resources = call.many("ResourceIds", 100)
    if resources:
        tasks = [task for task in tasks if task["ResourceId"] in resources]
    since, until = parse_time(call.get("StartTime", "")), parse_time(call.get("EndTime", ""))
    tasks = [t for t in tasks if (since or 0.0) <= (parse_time(t["CreationTime"]) or 0.0) <= (until or inf)]
    return {"RegionId": call.region, **by_number(call, tasks, _row, ("TaskSet", "Task"), 100)}


def _row(call: Call, task: Thing) -> Body:
    return {
        "TaskId": task.id,
        "TaskAction": task["TaskAction"],
        "TaskStatus": task["Status"],
        "ResourceId": task["ResourceId"],
        "CreationTime": task["CreationTime"],
        "FinishedTime": task.get("FinishedTime", ""),
        "SupportCancel": str(_can_cancel(task)).lower(),
    }


def _can_cancel(task: Thing) -> bool:
    return task["TaskAction"] in CANCELLABLE and task.status == "Processing"


def describe_task_attribute(call: Call) -> Body:
    task = call.require("task", call.need("TaskId"), NOT_FOUND, "TaskId")
    row = _row(call, task)
    del row["ResourceId"]
    done = task.status == "Finished"
    status = "Success" if done else task.status
    items = [{"Name": "ResourceId", "Value": task["ResourceId"]}]
    progress = {"OperationStatus": status, "ErrorCode": "", "ErrorMsg": "", "RelatedItemSet": {"RelatedItem": items}}
    return {
        **row,
        "RegionId": task.region,
        "TaskProcess": "100%" if done else "0%",
        "TotalCount": 1,
        "SuccessCount": int(done),
        "FailedCount": int(task.status == "Failed"),
        "OperationProgressSet": {"OperationProgress": [progress]},
    }


def cancel_task(call: Call) -> Body:
    task = call.require("task", call.need("TaskId"), NOT_FOUND, "TaskId")
    if not _can_cancel(task):
        raise Refusal(403, "InvalidTaskId.CannotCancel", f"The task {task.id} can't be cancelled.")
    call.lifecycle.cancel(task)
    call.account.change(task, Status="Failed", FinishedTime=to_seconds(call.now))
    image = call.account.get("image", task["ResourceId"])
    if image is not None and task["TaskAction"] == "ImportImage":
        call.account.remove(image)
    return {}


def redeploy_instance(call: Call) -> Body:
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    if instance.status == "Running":
        call.account.change(instance, Status="Stopping")
        call.in_settle(instance, share=0.5, Status="Starting")
        call.in_settle(instance, "instance_started", Status="Running")
    return {"TaskId": start_task(call, "RedeployInstance", instance.id).id}


ECS = {
    "DescribeTasks": describe_tasks,
    "DescribeTaskAttribute": describe_task_attribute,
    "CancelTask": cancel_task,
    "RedeployInstance": redeploy_instance,
}
