import pytest
from msgspec import structs

from ecsplan.kinds import load_kinds
from ecsplan.model.resource import Lifecycle
from tests.config.workshop import HEADER, Workshop


def lifecycle(work: Workshop, text: str) -> Lifecycle:
    return work.stack(f"resources: {{box: {{b: {{size: 1, lifecycle: {text}}}}}}}").resources[0].lifecycle


def test_every_key_is_read(work: Workshop) -> None:
    text = """{
        prevent_destroy: true, create_before_destroy: true, ignore_changes: [tags.owner, disk, size], additive: [walls],
        exclusive: [tags], rollout: {drain: 45s, max_unavailable: 10%, canary: [1, 20%], order: reverse, pause: 5m,
        on_failure: continue, check: [{tcp: 443, timeout: 1m}, {status: true}]},
        timeouts: {create: 10m, delete: 600, update: 2h}}
    """.replace("\n", " ").strip()  # fmt: skip
    assert structs.asdict(lifecycle(work, text)) == {
        "prevent_destroy": True, "create_before_destroy": True, "ignore_changes": ("disk", "size", "tags.owner"),
        "additive": ("walls",), "exclusive": ("tags",), "on_image_change": None,
        "on_user_data_change": "update", "max_unavailable": "10%",
        "timeouts": (("create", 600.0), ("delete", 600.0), ("update", 7200.0)),
        "canary": ("1", "20%"), "order": "reverse", "pause": 300.0, "on_failure": "continue",
        "rollout": "", "schedule": "", "drain": 45.0, "snapshot_before": (), "snapshot_days": 7,
        "checks": ((("kind", "tcp"), ("port", 443), ("timeout", 60.0)), (("kind", "status"),)),
    }  # fmt: skip


@pytest.mark.parametrize("share", ["1", "3", "100%", "all"])
def test_a_share_is_a_number_a_percentage_or_all(work: Workshop, share: str) -> None:
    assert lifecycle(work, f"{{rollout: {{max_unavailable: {share}}}}}").max_unavailable == share


@pytest.mark.parametrize("text", ["null", "{}", "{prevent_destroy: null}"])
def test_nothing_said_is_the_default(work: Workshop, text: str) -> None:
    assert lifecycle(work, text) == Lifecycle()


def test_expressions_and_defaults_reach_it(work: Workshop) -> None:
    body = """
        variables: {keep: {default: true}}
        defaults: {box: {lifecycle: {prevent_destroy: "${keep}"}}}
        resources: {box: {b: {size: 1, lifecycle: {exclusive: [tags]}}}}
    """
    assert work.stack(body).resources[0].lifecycle == Lifecycle(prevent_destroy=True, exclusive=("tags",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]", "lifecycle is not a mapping"),
        ("{prevent_destry: true}", "did you mean prevent_destroy?"),
        ("{prevent_destroy: maybe}", "prevent_destroy: 'maybe' is not true or false"),
        ("{prevent_destroy: '${nope}'}", "nope is not defined"),
        ("{ignore_changes: tags}", "ignore_changes is 'tags'"),
        ("{ignore_changes: [tag]}", "did you mean tags?"),
        ("{ignore_changes: [1]}", "write a list of attributes"),
        ("{ignore_changes: ['tag.o*']}", "has no attribute like tag.o*"),
        ("{additive: [size]}", "additive: size is not a list or mapping of a box"),
        ("{exclusive: [nope]}", "exclusive: nope is not a list"),
        ("{on_image_change: replace}", "a wall has no image"),
        ("{rollout: 3}", "rollout is 3"),
        ("{rollout: {max: 3}}", "rollout has no key max"),
        ("{rollout: {max_unavailable: 0}}", "max_unavailable: 0 is not a valid share"),
        ("{rollout: {max_unavailable: 200%}}", "is not a valid share"),
        ("{rollout: {max_unavailable: true}}", "is not a valid share"),
        ("{timeouts: 3}", "timeouts is 3"),
        ("{timeouts: {start: 3}}", "timeouts has no key start"),
        ("{timeouts: {create: soon}}", "'soon' is not a duration"),
        ("{timeouts: {create: 0}}", "0 is not a duration"),
        ("{timeouts: {create: true}}", "true is not a duration"),
    ],
)
def test_a_wrong_key_or_value_is_refused(work: Workshop, text: str, words: str) -> None:
    kind = "wall" if "image" in text else "box"
    attributes = "" if kind == "wall" else "size: 1, "
    found = work.refused(f"resources: {{{kind}: {{b: {{{attributes}lifecycle: {text}}}}}}}")
    assert words in str(found.only)


def test_a_changed_image_needs_one_of_three_words(work: Workshop) -> None:
    body = """
        resources:
          security_group: {g: {vpc: vpc-1}}
          instance:
            i:
              {instance_type: ecs.g7.large, image: m-1, vswitch: vsw-1, security_groups: [g],
               lifecycle: {on_image_change: X}}
    """
    assert "X" in work.refused(body, kinds=load_kinds(), header=HEADER)
    stack = work.stack(body.replace("X", "reinstall"), kinds=load_kinds())
    assert stack.resources[-1].lifecycle.on_image_change == "reinstall"
