"""Single values of a YAML text are changed, and nothing else is."""

from typing import Any

import pytest

from ecsplan.config.syntax.editing import CannotEdit, Edit, edited

TEXT = """\
# the shop
resources:
  instance:
    web:   # behind the proxy
      instance_type:  ecs.g7.large    # 2 cores, 中文
      description: "old"   # why
      tags: {team: web, tier: front}
      password: ${secret.web}
      labels: &shared {a: 1}
      others: *shared
      text: |
        one
        two
  security_group:
    web:
      ingress:
        # for everybody
        - {protocol: tcp, ports: 443, cidr: 0.0.0.0/0}
        - protocol: tcp   # the office
          ports: 22
          cidr: 10.0.0.0/8
        # the end
      tags:
        team: web   # ours
"""


def place(needle: str) -> tuple[int, int]:
    before = TEXT[: TEXT.index(needle)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def change(key: str, text: str | None, **more: Any) -> str:
    return edited(TEXT, Edit(*place(key), text, **more))


@pytest.mark.parametrize(
    ("key", "text", "old", "new"),
    [
        ("instance_type:", "ecs.g7.xlarge", "instance_type:  ecs.g7.large ", "instance_type:  ecs.g7.xlarge "),
        ("description:", "'it''s new'", 'description: "old"   # why', "description: 'it''s new'   # why"),
        ("tags: {", "{team: db}", "{team: web, tier: front}", "{team: db}"),
    ],
)
def test_a_value_is_exchanged_in_its_place(key: str, text: str, old: str, new: str) -> None:
    assert change(key, text) == TEXT.replace(old, new)


def test_an_entry_goes_with_its_line() -> None:
    assert change("description:", None) == TEXT.replace('      description: "old"   # why\n', "")


@pytest.mark.parametrize(
    ("keeps", "expected"),
    [
        (("443", "22"), ""),
        (("443",), "- protocol"),
        (("22",), "- {protocol: tcp, ports: 443"),
    ],
)
def test_items_that_stay_keep_their_lines_and_comments(keeps: tuple[str, ...], expected: str) -> None:
    items = [("{ports: 80}", "new")]
    for name, cidr in (("443", "0.0.0.0/0"), ("22", "10.0.0.0/8")):
        if name in keeps:
            items.append((f"{{other spelling of {name}}}", f"{name} {cidr}"))
    done = change("ingress:", "[]", items=tuple(items), parse=lambda value: f"{value['ports']} {value['cidr']}")
    assert done.index("        - {ports: 80}\n") > done.index("ingress:") and "other spelling" not in done
    assert "# for everybody" in done and "# the end" in done and not (expected and expected in done)
    assert done.count("- ") == len(keeps) + 1


@pytest.mark.parametrize(
    ("key", "told"),
    [("password:", "computed"), ("labels:", "anchor"), ("text:", "several lines"), ("# the shop", "on its own")],
)
def test_what_cannot_be_changed_alone_is_left_and_told(key: str, told: str) -> None:
    with pytest.raises(CannotEdit, match=told):
        change(key, "x")


def test_a_mapping_with_comments_inside_is_left() -> None:
    with pytest.raises(CannotEdit, match="comments"):
        edited(TEXT.replace("        team: web   # ours\n", "        # ours\n        team: web\n"),
               Edit(*place("tags:\n"), "{team: db}"))  # fmt: skip
