"""Plans to JSON and back: every form of a value, byte for byte the same, and no plan that was altered."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, Late, LocalKey, Merge, Product
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, Severity, SourceRange
from ecsplan.model.encoding import from_json, to_json
from ecsplan.model.plan import Asked, Guard, Plan, Step, StepId
from ecsplan.model.stack import Move
from ecsplan.planner.planfile import digest_of, dumps
from ecsplan.planner.planread import loads
from ecsplan.planner.planschema import plan_schema
from tests.builders import a_box, a_plan, a_resource, a_stack, a_step, an_object, at, ref

words = st.text(max_size=8)
addresses = st.builds(
    Address, st.sampled_from(["box", "shelf"]), st.sampled_from(["a", "b-1"]), st.none() | st.integers(0, 99) | words
)
refs = st.builds(Ref, addresses, st.sampled_from(["id", "address"]))
secrets = st.builds(Secret, st.integers(1, 9), st.just("PW")) | st.builds(
    lambda version, part: Secret(version, template=("a", part)),
    st.integers(1, 9),
    st.builds(Secret, st.just(1), st.none(), words),
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words | refs
    | secrets
    | st.builds(Template, st.lists(words | refs, max_size=3).map(tuple))
    | st.builds(ForeignRef, words, addresses)
    | st.builds(Lookup, st.just("box"), st.none() | words, st.lists(st.tuples(words, words), max_size=2).map(tuple))
    | st.builds(LocalKey, words) | st.just(UNKNOWN)
)  # fmt: skip
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


@given(values)
def test_every_value_is_read_back_as_it_was_written(value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@given(st.dictionaries(words.filter(lambda w: not w.startswith("$")), values, max_size=3))
def test_parameters_are_read_back(params):
    assert from_json(json.loads(json.dumps(to_json(params)))) == params


def test_a_late_parameter_keeps_its_value_and_no_secret():
    assert from_json(to_json(Late(Secret(1, env="PW"), str.upper, is_sensitive=True))).value == Secret(1, env="PW")


resources = st.builds(
    lambda text, attributes, lifecycle: a_resource(text, lifecycle=lifecycle, **attributes),
    st.sampled_from(["box.a", "box.a[3]", 'shelf.b["x y"]']),
    st.dictionaries(st.sampled_from(["width", "wood", "tags"]), values, max_size=3),
    st.fixed_dictionaries({}, optional={"prevent_destroy": st.booleans(), "ignore_changes": st.just(("a", "tags.b")),
                                        "timeouts": st.just((("create", 60.0),)), "max_unavailable": st.just("10%")}),
)  # fmt: skip
lines = st.builds(
    AttributeChange, words, values, values, st.sampled_from(Cause), st.booleans(), st.booleans(), words,
    st.none() | st.just(SourceRange("a:b.yaml", 3, 5)),
)  # fmt: skip
calls = st.builds(
    Call, words, st.dictionaries(st.just("P"), values, max_size=1), st.sampled_from(Product), words,
    st.lists(refs | words, max_size=2).map(tuple), st.none() | st.just(Merge("Ids", 9, "json")),
    names=st.just(("n",)), note=words,
)  # fmt: skip
steps = st.builds(
    Step, st.builds(StepId, words, words, st.integers(0, 3)), st.lists(addresses, min_size=1, max_size=2).map(tuple),
    st.lists(calls, max_size=2).map(tuple), lane=st.none() | words, impacts=st.frozensets(st.sampled_from(Impact)),
    wave=st.integers(0, 3), seconds=st.floats(0, 99), timeout=st.floats(1, 99),
)  # fmt: skip


@st.composite
def plans(draw) -> Plan:
    resource = draw(resources)
    line = draw(lines)
    change = Change(
        resource.address,
        draw(st.sampled_from([Action.UPDATE, Action.REPLACE])),
        an_object("box.x", tags={}),
        resource,
        (line,),
    )
    stack = a_stack(
        resource, moved=(Move(at("box.o"), at("box.n")),), released=(at("box.r"),), outputs={"x": draw(values)}
    )
    stack = replace(stack, account=draw(st.none() | words), digest="d")
    plan = a_plan(
        *draw(st.lists(steps, max_size=2)),
        changes=(change,),
        guards=(Guard("loss", "s", "d", (at("box.a"),)),),
        warnings=(Diagnostic("w", "d", SourceRange("f", 1, 2), at("box.a"), Severity.WARNING),),
        outputs={"x": draw(values)},
        definition=stack,
        asked=Asked(("box.a",), (), ("box.b",), draw(st.booleans())),
    )
    return replace(plan, digest=digest_of(plan))


@given(plans())
@settings(max_examples=60, deadline=None)
def test_a_plan_is_read_back_and_written_the_same(plan):
    text = dumps(plan)
    again = loads(text, load_kinds())
    assert dumps(again) == text
    assert (again.definition, again.asked, again.guards, again.warnings) == (
        plan.definition,
        plan.asked,
        plan.guards,
        plan.warnings,
    )
    assert [c.attributes for c in again.changes] == [c.attributes for c in plan.changes]


@given(plans())
@settings(max_examples=30, deadline=None)
def test_a_plan_fits_its_schema(plan):
    jsonschema.Draft202012Validator(plan_schema()).validate(json.loads(dumps(plan)))


def a_saved_plan() -> Plan:
    declared = a_resource(width=3)
    change = Change(at("shelf.main"), Action.UPDATE, an_object(), declared)
    guard, step = Guard("loss", "s"), a_step("update shelf.main")
    plan = a_plan(step, changes=(change,), definition=a_stack(declared), guards=(guard,), account="1")
    return replace(plan, digest=digest_of(plan))


@pytest.mark.parametrize(
    "key", ["stack", "region", "account", "live", "changes", "steps", "definition", "asked", "guards"]
)
def test_whatever_is_altered_is_found(key):
    document = json.loads(dumps(a_saved_plan()))
    document[key] = {"stack": "x", "region": "x", "account": "x", "live": 9}.get(
        key, [] if isinstance(document[key], list) else None
    )
    with pytest.raises(Refused, match=r"altered"):
        loads(json.dumps(document), load_kinds())


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"x"', '{"format": "other"}', "\x00", "[" * 100_000])
def test_what_is_no_plan_is_refused_in_words(text):
    with pytest.raises(Rejected, match=r"not JSON|not a plan of format"):
        loads(text, load_kinds())


def test_text_that_is_no_text_is_refused_in_words():
    with pytest.raises(Rejected, match="cannot be read"):
        loads(dumps(a_saved_plan()).replace('"lab"', '"\\ud800"'), load_kinds())


def test_what_goes_is_not_declared_although_its_successor_is():
    old = Change(at("box.a"), Action.DELETE, an_object("box.a", "bx-old"), None)
    plan = a_plan(changes=(old,), definition=a_stack(a_box()))
    (again,) = loads(dumps(replace(plan, digest=digest_of(plan))), load_kinds()).changes
    assert again.after is None


def test_how_it_was_read_is_no_part_of_the_digest():
    plan = a_saved_plan()
    assert digest_of(replace(plan, calls_read=9, read_seconds=1.0)) == plan.digest


def test_a_reference_in_a_plan_is_an_address():
    assert to_json(ref("box.a")) == {"$ref": "box.a", "attribute": "id"}
