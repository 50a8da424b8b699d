"""The record of what was applied: what it keeps, that it fits its tags, and that anything at all can be read."""

import hashlib
import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.kinds import load_kinds
from ecsplan.model import record, record_text
from ecsplan.model.address import Secret, Template
from ecsplan.model.marks import APPLIED, APPLIED_LAST, APPLIED_MORE, OPEN, SECRETS
from ecsplan.model.ownership import read_record, record_marks
from ecsplan.model.record import ALL, Applied, lines_of, open_text, texts
from ecsplan.model.record_form import Naming, forms
from ecsplan.model.record_old import digest
from ecsplan.model.record_words import WORDS
from ecsplan.model.texts import FileText
from ecsplan.model.values import Text
from tests.builders import BOX, SHELF, at, ref

REAL = load_kinds()
TAGS = st.dictionaries(st.text(min_size=1, max_size=40), st.text(max_size=60), max_size=16)
USUAL = {
    "instance_type": "ecs.g7.large",
    "image": "family:acs:ubuntu_22_04_x64",
    "vswitch": ref("vswitch.app"),
    "security_groups": (ref("security_group.part[3]"),),
    "system_disk.category": "cloud_essd",
    "system_disk.size": 40,
    "data_disks": (("data", (("category", "cloud_essd"), ("size", 100))),),
}


def written(kind, attributes, tags=3) -> dict[str, str]:
    return record_marks(texts(kind, lines_of(kind, attributes), tags))


def read_back(kind, attributes, tags=3) -> Applied:
    found = read_record(written(kind, attributes, tags))
    assert found is not None
    return found


def test_the_dictionary_never_changes():
    assert hashlib.sha256(WORDS.encode()).hexdigest() == FROZEN


FROZEN = "8603512703c9710320ed258c2a20d6cdc35edcd4ac844402186b618e4f718a4c"


def test_a_usual_machine_takes_one_tag_and_keeps_every_value():
    tags = written(REAL["instance"], USUAL)
    assert set(tags) == {APPLIED} and len(tags[APPLIED]) <= 64
    found = read_back(REAL["instance"], USUAL)
    assert found.value("instance_type") == (True, "ecs.g7.large")
    assert found.value("data_disks.data.size") == (True, 100)
    assert found.value("vswitch") == (True, ref("vswitch.app"))
    assert found.value("hostname") == (False, None) and found.has("hostname") is False


@given(TAGS, st.integers(), st.text(max_size=300), st.integers(1, 3))
def test_what_was_applied_is_read_back_and_fits_its_tags(tags, width, wood, room):
    attributes = {"width": width, "wood": wood, "tags": tuple(sorted(tags.items()))}
    written_tags = written(SHELF, attributes, room)
    assert len(written_tags) <= room and all(0 < len(text) <= 128 for text in written_tags.values())
    found = read_record(written_tags)
    assert found is not None and found.says(lines_of(SHELF, attributes))
    assert not found.says(lines_of(SHELF, {**attributes, "width": width + 1}))
    if ALL not in found.lines:
        assert found.holds("width", None, width) and not found.holds("width", None, width + 1)
        assert found.holds("wood", Text(), wood) and not found.holds("wood", Text(), wood + "x")
        assert all(found.holds(f"tags.{key}", None, value) for key, value in tags.items())
        assert found.has("tags.never") is False or "never" in tags


def test_many_tags_keep_their_keys_and_values_apart_as_digests():
    tags = tuple(sorted((f"{number:02d}-{hash_of(number)}", hash_of(-number)) for number in range(13)))
    found = read_back(REAL["instance"], {**USUAL, "tags": tags}, 2)
    assert found.has(f"tags.{tags[0][0]}") and found.has("tags.other") is False
    assert found.holds(f"tags.{tags[0][0]}", None, tags[0][1]) and not found.holds(f"tags.{tags[0][0]}", None, "x")
    assert found.value("instance_type") == (False, None) and found.holds("instance_type", None, "ecs.g7.large")


def hash_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:30]


def test_what_fits_no_other_way_is_one_digest_of_all():
    attributes = {"tags": tuple(sorted((hash_of(n) * 4, "x") for n in range(16))), "width": 1}
    found = read_back(SHELF, attributes, 1)
    assert set(found.lines) == {ALL} and found.has("width") is None
    assert found.says(lines_of(SHELF, attributes)) and not found.says(lines_of(SHELF, {**attributes, "width": 2}))


def test_what_cannot_be_read_keeps_its_line_where_all_else_is_one_digest():
    tags = tuple(sorted((hash_of(n) * 4, "x") for n in range(16)))
    found = read_back(REAL["instance"], {**USUAL, "tags": tags, "user_data": "echo"}, 1)
    assert {ALL, "user_data"} <= set(found.lines) <= {ALL, "user_data", "image"} and not found.is_exact
    assert found.holds("user_data", FileText(), "echo") and not found.holds("user_data", FileText(), "other")


def test_of_a_secret_there_is_the_version_alone():
    secret = Secret(3, env="PW")
    found = read_back(BOX, {"password": secret, "colour": "red"})
    assert found.lines == {"password": "v3", "colour": '"red"'} and found.version("password") == 3
    assert forms("words", None, ("a", secret)) == ()


def test_file_contents_are_kept_as_digests_however_short():
    assert [form[0] for form in forms("script", FileText(), "x")] == ["#"]
    assert read_back(BOX, {"script": "x"}).holds("script", FileText(), "x")


def test_a_template_counts_as_it_is_declared():
    wanted = Template(("at ", ref("box.a", "address")))
    found = read_back(BOX, {"colour": wanted})
    assert found.holds("colour", Text(), wanted) and not found.holds("colour", Text(), "at 1.2.3.4")


def test_a_text_that_looks_like_a_reference_is_none():
    naming = Naming({"sh-1": ref("shelf.main")})
    found = read_back(BOX, {"colour": "@shelf.main"})
    assert found.value("colour") == (True, "@shelf.main")
    assert not found.holds("colour", Text(), "sh-1", naming) and found.holds("colour", Text(), "@shelf.main", naming)


@pytest.mark.parametrize("key", ["a=b", "a\nb", "a%3Db", "=", "业务", ".", "a.b", "\ud800"])
def test_tags_may_be_called_anything(key):
    found = read_back(SHELF, {"tags": ((key, "1"),)})
    assert found.holds(f"tags.{key}", None, "1") and list(found.names()) == [f"tags.{key}"]


class TestReading:
    def test_what_an_older_longer_record_has_left_does_not_matter(self):
        tags = written(SHELF, {"width": 1}) | {APPLIED_MORE: "abcdefg", APPLIED_LAST: "x"}
        found = read_record(tags)
        assert found is not None and found.lines == {"width": "1"}

    @pytest.mark.parametrize("cut", [1, 2, 3, 10])
    def test_what_is_cut_off_is_unknown(self, cut):
        text = texts(BOX, lines_of(BOX, {"colour": "a strange colour", "size": 3}), 1)[0]
        assert read_record({APPLIED: text[:-cut]}) is None

    def test_a_part_that_is_missing_is_unknown(self):
        tags = written(SHELF, {"tags": tuple((hash_of(n), hash_of(-n)) for n in range(5))})
        assert APPLIED_MORE in tags and read_record({APPLIED: tags[APPLIED]}) is None
        assert read_record({APPLIED_MORE: tags[APPLIED_MORE]}) is None

    def test_a_bomb_is_unknown_and_costs_nothing(self):
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
        data = squeeze.compress(b"\0" * 100_000_000) + squeeze.flush()
        code = record_text.FORMAT + urlsafe_b64encode(data).decode()
        assert record_text.unpack(code) is None and read_record({APPLIED: code[:128], APPLIED_MORE: code[128:]}) is None

    @given(st.text(max_size=128), st.text(max_size=128), st.text(max_size=128))
    def test_any_text_can_be_read(self, one, two, three):
        for tags in ({APPLIED: one}, {APPLIED: f"2:{one}", APPLIED_MORE: two, OPEN: three}, {APPLIED: f"1:{one}"}):
            found = read_record(tags)
            assert found is None or found.holds("width", None, 1) in (True, False)

    @given(st.lists(st.text(max_size=20), max_size=8))
    def test_any_lines_can_be_asked(self, lines):
        found = read_record(
            {APPLIED: record_text.pack(dict.fromkeys(lines, "[" * 20_000) | {"width": "*a", "wood": "v"})}
        )
        for name in ("width", "wood", *lines):
            if found is not None:
                assert found.holds(name, None, "x") is False and found.value(name) and found.version(name) is None

    def test_a_later_format_is_not_readable(self):
        assert read_record({APPLIED: "3:abcd"}) is None and not record.is_readable("3:abcd")
        assert all(map(record.is_readable, ("2:abcd", "1:abcd", "")))

    def test_alike_members_share_one_record(self):
        tags = written(SHELF, {"width": 1})
        assert read_record(tags) is read_record(dict(tags))

    def test_the_old_format_is_still_read(self):
        tags = {APPLIED: "1:" + digest("width", 3), SECRETS: "password=3 user_data=1 odd=x"}
        found = read_record(tags)
        assert found is not None and found.holds("width", None, 3) and not found.holds("width", None, 4)
        assert found.has("width") is None and found.version("password") == 3 and found.version("odd") is None

    def test_references_of_the_old_format_are_known_by_their_ids(self):
        naming = Naming({"sh-2": ref("shelf.a"), "sh-1": ref("shelf.b")})
        found = Applied(digests=frozenset({digest("on", (ref("shelf.a"), ref("shelf.b")))}))
        assert found.holds("on", None, ("sh-1", "sh-2"), naming)


class TestWhatIsOpen:
    def test_a_name_is_open_with_what_it_was_before(self):
        tags = written(SHELF, {"width": 2}) | {OPEN: open_text({"width": "1", "disks.a": None})}
        found = read_record(tags)
        assert found is not None
        assert [found.opened(name) for name in ("width", "wood", "disks.a.size")] == ["1", None, ""]

    def test_what_does_not_fit_may_be_anything(self):
        lines = {f"tags.{hash_of(number)}": "1" for number in range(20)}
        text = open_text(lines)
        found = read_record(written(SHELF, {"width": 2}) | {OPEN: text})
        assert len(text) <= 128 and found is not None and found.opened("width") == ""

    def test_what_is_damaged_may_be_anything(self):
        found = read_record(written(SHELF, {"width": 2}) | {OPEN: "2:x"})
        assert found is not None and found.opened("width") == ""


def test_a_thing_that_was_moved_is_known_by_both_addresses():
    naming = Naming({"sh-1": ref("shelf.new")}, {at("shelf.new"): at("shelf.old")})
    found = read_back(BOX, {"shelf": ref("shelf.old")})
    assert found.holds("shelf", None, "sh-1", naming) and found.holds("shelf", None, ref("shelf.new"), naming)
    assert not found.holds("shelf", None, "sh-2", naming)
