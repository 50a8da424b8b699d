from ecsplan.model.power import Order, Verb
from ecsplan.power.batches import Answered, answers, batches


def test_a_hundred_machines_go_into_one_call() -> None:
    ids = [f"i-{number}" for number in range(250)]

    found = list(batches(Order(Verb.START), ids))

    assert [len(part) for part, _ in found] == [100, 100, 50]
    assert found[2][1].params["InstanceId"] == ids[200:]
    assert {request.operation for _, request in found} == {"StartInstances"}


def test_each_verb_has_its_own_words() -> None:
    (_, stop), (_, reboot) = (
        next(batches(Order(verb, force=True, stop_charging=True), ["i-1"])) for verb in (Verb.STOP, Verb.REBOOT)
    )

    assert (stop.params["ForceStop"], stop.params["StoppedMode"]) == (True, "StopCharging")
    assert reboot.params["ForceReboot"] is True
    assert "StoppedMode" not in reboot.params


def test_each_machine_has_its_own_answer() -> None:
    rows = [
        {"InstanceId": "i-1", "Code": "200", "Message": "success", "CurrentStatus": "Stopping"},
        {"InstanceId": "i-2", "Code": "IncorrectInstanceStatus", "Message": "It is locked."},
    ]

    found = answers(["i-1", "i-2", "i-3"], {"InstanceResponses": {"InstanceResponse": rows}})

    assert found["i-1"] == Answered("Stopping")
    assert found["i-2"] == Answered("", "IncorrectInstanceStatus", "It is locked.")
    assert not found["i-3"].code
