"""The forms of fault parameters: the control API reads them as a validator of JSON Schema does."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.fault_forms import MENU, SELECTORS, Form, check, fault_schema, fits

VALUES: tuple[Any, ...] = (
    None, True, 0, 1, -1, 0.5, 99, 100, 599, 600, "", "before", "bucket", [], [0], [1], ["status"], {}, {"a": 1},
)  # fmt: skip
FORMS = {str(form): form for form in (*SELECTORS.values(), *(f for forms in MENU.values() for f in forms.values()))}


@pytest.mark.parametrize("form", FORMS.values(), ids=str)
def test_a_form_is_read_as_json_schema(form: Form) -> None:
    validator = jsonschema.Draft202012Validator(form)
    assert {repr(value): fits(value, form) for value in VALUES} == {repr(v): validator.is_valid(v) for v in VALUES}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"fault": "error", "status": "500"}, "status is '500', which is not integer of at least 100 and at most 599"),
        ({"fault": "delay", "millis": 3}, "fault delay: unknown millis; known: action, at_call"),
        ({"fault": "hold", "when": "later"}, "which is not before or after"),
        ({"fault": "error", "nth": 0}, "which is not integer of at least 1 or array of integer of at least 1"),
        ({"fault": "explode"}, "there is no fault 'explode'"),
        ([1], "a fault is an object"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_hit(spec: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(spec)
    assert not jsonschema.Draft202012Validator(fault_schema()).is_valid([spec])


def test_a_schedule_in_a_file_is_refused_with_every_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "faults.json"
    path.write_text('{"seed": "1", "faults": [{"fault": "error", "status": "500"},\n {"fault": "delay", "millis": 3}]}')
    assert main(["emulator", "--port", "0", "--faults", str(path)]) == 1
    told = capsys.readouterr().err
    assert "faults.json:1:55: error: faults[0].status is '500'\n  write a whole number" in told
    assert "faults.json:2:21: error: faults[1] has no key millis\n  did you mean ms?" in told
