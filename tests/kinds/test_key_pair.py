"""Keys that are imported, and keys that are made on this machine."""

import stat
from pathlib import Path

import pytest

from ecsplan.kinds.key_pair import PublicKey
from ecsplan.model.change import Action
from ecsplan.model.values import Mistake
from tests.kinds.cloud import Cloud, changes, comes_before, stack_of, step, the_change, with_instance

ONE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt"
TWO = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz"


def key(public: str, more: str = "") -> str:
    return f"key_pair:\n  admin: {{public_key: {public}{more}}}"


@pytest.mark.parametrize("text", ["", "ssh-rsa", "rsa AAAA", 7, "-----BEGIN PUBLIC KEY-----"])
def test_what_is_no_public_key_is_refused(text: object) -> None:
    with pytest.raises(Mistake):
        PublicKey().parse(text)


def test_the_comment_of_a_key_means_nothing(cloud: Cloud) -> None:
    cloud.settled(stack_of(key(ONE + " me@desk")))
    cloud.assert_settled(stack_of(key(ONE + " somebody@else")), records=True)


def test_what_cannot_be_read_is_not_compared_as_text() -> None:
    assert PublicKey().matches(None, None) and not PublicKey().matches(ONE, None)


def test_another_key_is_another_pair(cloud: Cloud) -> None:
    cloud.settled(stack_of(key(ONE)))
    plan = cloud.plan(stack_of(key(TWO)))
    assert the_change(plan).action is Action.REPLACE
    assert comes_before(plan, step(plan, "DeleteKeyPairs"), step(plan, "ImportKeyPair"))
    cloud.apply(plan)
    cloud.assert_settled(stack_of(key(TWO)))
    cloud.destroy(stack_of(key(TWO)))


def test_a_pair_is_replaced_under_machines(cloud: Cloud) -> None:
    """One name cannot be there twice: the machines let go, the old goes, the new comes, they take it up."""

    def text(public: str) -> str:
        return with_instance("key_pair: admin", more=key(public))

    cloud.settled(text(ONE))
    plan = cloud.plan(text(TWO))
    assert changes(plan)["instance.web"].action is Action.UPDATE
    for first, last in (
        ("DetachKeyPair", "DeleteKeyPairs"),
        ("DeleteKeyPairs", "ImportKeyPair"),
        ("ImportKeyPair", "AttachKeyPair"),
    ):
        assert comes_before(plan, step(plan, first), step(plan, last))
    assert "StopInstances" not in [call.operation for one in plan.steps for call in one.calls]
    cloud.apply(plan)
    cloud.assert_settled(text(TWO))


def test_a_pair_of_another_name_comes_first(cloud: Cloud) -> None:
    cloud.settled(with_instance("key_pair: admin", more=key(ONE)))
    text = with_instance("key_pair: admin", more=key(TWO, ", name: admin-2"))
    plan = cloud.plan(text)
    assert changes(plan)["key_pair.admin"].create_first
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_making_first_what_keeps_its_name_is_refused(cloud: Cloud) -> None:
    cloud.settled(stack_of(key(ONE)))
    plan = cloud.plan(stack_of(key(TWO, ", lifecycle: {create_before_destroy: true}")))
    assert "cannot share name" in plan.guards[0].summary


def test_a_pair_that_the_stack_does_not_own_is_taken_by_its_name(cloud: Cloud) -> None:
    cloud.call("ImportKeyPair", KeyPairName="elsewhere", PublicKeyBody=ONE)
    text = with_instance("key_pair: elsewhere")
    cloud.settled(text)
    assert cloud.instance()["KeyPairName"] == "elsewhere"


def test_a_machine_lets_go_of_its_key_before_the_pair_goes(cloud: Cloud) -> None:
    cloud.settled(with_instance("key_pair: admin", more=key(ONE)))
    text = with_instance("key_pair: admin", more=key(ONE))
    cloud.destroy(text)


def test_a_generated_key_is_on_disk_before_the_call_and_stays(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography")
    monkeypatch.chdir(cloud.folder)
    text = stack_of("key_pair:\n  admin: {private_key_file: keys/admin.pem}")
    cloud.settled(text)
    path = cloud.folder / "keys" / "admin.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    private = path.read_text()
    assert "PRIVATE KEY" in private
    assert cloud.things("keypair")[0]["PublicKey"].startswith("ssh-rsa ")
    journal = "".join(found.read_text() for found in _files(cloud.folder / ".ecsplan"))
    assert "PRIVATE KEY" not in journal
    cloud.assert_settled(text)
    moved = stack_of("key_pair:\n  admin: {private_key_file: keys/other.pem}")
    assert "no key is written" in the_change(cloud.plan(moved)).attributes[0].note
    cloud.settled(moved)
    assert path.read_text() == private and not (cloud.folder / "keys" / "other.pem").exists()


def test_a_key_that_lies_there_already_is_used_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that died after writing the file makes no second key."""
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    monkeypatch.chdir(cloud.folder)
    made = ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    Path("demo-admin.pem").write_bytes(made.private_bytes(*form))
    cloud.settled(stack_of("key_pair:\n  admin: {}"))
    openssh = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert (
        cloud.things("keypair")[0]["PublicKey"].split()[:2] == made.public_key().public_bytes(*openssh).decode().split()
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_pair_that_a_machine_of_nobody_still_uses_is_not_deleted(cloud: Cloud) -> None:
    """The service would refuse for minutes; the plan names who holds it, and lets it go once nobody does."""
    text = with_instance("key_pair: admin", more=key(ONE))
    cloud.settled(text)
    machine = cloud.instance()
    cloud.call("UntagResources", ResourceType="instance", ResourceId=[machine.id], All=True)
    plan = cloud.plan(text, destroy=True)
    assert changes(plan)["key_pair.admin"].blocked == (
        f"still used by instance {machine.id} (demo-web), which this plan leaves as it is: remove or move that first",
    )
    assert [guard.name for guard in plan.guards] == ["blocked"] * 3  # its vSwitch and its group are held too
    cloud.call("DeleteInstances", InstanceId=[machine.id], Force=True)
    cloud.clock.advance(60)
    assert not cloud.plan(text, destroy=True).guards
