"""User data that is packed or no text, and what another one in the file means."""

import gzip
from base64 import b64decode

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.texts import FileText, canonical_text
from tests.kinds.cloud import Cloud, changes, shown, the_change, with_instance

REPLACE = "lifecycle: {on_user_data_change: replace}"


def sent(cloud: Cloud) -> bytes:
    return b64decode(cloud.instance()["UserData"])


def test_packed_user_data_is_sent_packed_and_settles(cloud: Cloud) -> None:
    script = "#!/bin/sh\n" + "echo a long line that packs well\n" * 2000
    (cloud.folder / "boot.sh").write_text(script)
    text = with_instance("user_data: {file: boot.sh, gzip: true}")
    cloud.settled(text)
    assert gzip.decompress(sent(cloud)).decode() == script
    assert cloud.plan(text, refresh_full=True).is_empty


def test_what_another_compressor_makes_of_the_same_text_is_no_difference() -> None:
    text = "#cloud-config\n" * 50
    assert canonical_text(gzip.compress(text.encode(), 1)) == canonical_text(gzip.compress(text.encode(), 9))


def test_a_template_is_filled_in_before_it_is_packed(cloud: Cloud) -> None:
    (cloud.folder / "boot.tpl").write_text("echo ${env}\n")
    cloud.settled("variables: {env: {default: prod}}\n" + with_instance("user_data: {template: boot.tpl, gzip: true}"))
    assert gzip.decompress(sent(cloud)) == b"echo prod\n"


def test_a_file_that_is_no_text_is_sent_as_it_is(cloud: Cloud) -> None:
    (cloud.folder / "boot.bin").write_bytes(bytes(range(256)))
    text = with_instance("user_data: {file: boot.bin}")
    cloud.settled(text)
    assert sent(cloud) == bytes(range(256)) and cloud.plan(text, refresh_full=True).is_empty


@pytest.mark.parametrize("mapping", ["{file: boot.sh, gzip: false}", "{file: boot.bin, gzip: true}", "{gzip: true}"])
def test_what_cannot_be_packed_is_refused_at_its_place(cloud: Cloud, mapping: str) -> None:
    (cloud.folder / "boot.sh").write_text("true\n")
    (cloud.folder / "boot.bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Rejected) as caught:
        cloud.load(with_instance(f"user_data: {mapping}"))
    assert caught.value.diagnostics[0].source is not None


def test_bombs_and_damaged_archives_stay_bytes() -> None:
    for data in (gzip.compress(bytes(8 * 2**20)), b"\x1f\x8b nothing", gzip.compress(b"\xff")):
        assert FileText(base64=True).decode(FileText(base64=True).encode(canonical_text(data))) == canonical_text(data)


def test_other_user_data_replaces_a_machine_where_the_file_says_so(cloud: Cloud) -> None:
    cloud.settled(with_instance("user_data: echo one", REPLACE))
    plan = cloud.plan(with_instance("user_data: echo two", REPLACE))
    change = the_change(plan)
    assert change.action is Action.REPLACE and Impact.DATA_LOSS in change.impacts, shown(plan)
    assert change.attributes_by_name["user_data"].note == "on_user_data_change: replace"
    cloud.settled(with_instance("user_data: echo two", REPLACE))


@pytest.mark.parametrize("before", ["", "description: an older one"])
def test_user_data_that_is_declared_for_the_first_time_replaces_nothing(cloud: Cloud, before: str) -> None:
    """What such a machine was made with is not known: it may well be this."""
    cloud.settled(with_instance(before))
    plan = cloud.plan(with_instance("user_data: echo one", REPLACE))
    assert the_change(plan).action is Action.UPDATE, shown(plan)


def test_user_data_that_others_wrote_replaces_nothing(cloud: Cloud) -> None:
    text = with_instance("user_data: echo one", REPLACE)
    cloud.settled(text)
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, UserData="ZWNobyBvdGhlcgo=")
    assert the_change(cloud.plan(text, refresh_full=True)).action is Action.UPDATE


def test_other_user_data_can_be_left_alone(cloud: Cloud) -> None:
    cloud.settled(with_instance("user_data: echo one"))
    plan = cloud.plan(with_instance("user_data: echo two", "lifecycle: {on_user_data_change: ignore}"))
    assert not changes(plan)


def test_a_kind_without_user_data_refuses_the_option(cloud: Cloud) -> None:
    with pytest.raises(Rejected):
        cloud.load("resources: {vpc: {main: {cidr_block: 10.0.0.0/8, lifecycle: {on_user_data_change: replace}}}}")
