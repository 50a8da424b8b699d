"""Approvals signed by real keys, made and checked by ssh-keygen, and what does not count."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ecsplan.approval.folder import entries, folder_of, store
from ecsplan.approval.judge import Subject, Verdict, answers, judged
from ecsplan.approval.signing import Signers, SigningFailed, sign, signer_of
from ecsplan.approval.statement import Statement, seconds, stamp
from ecsplan.model.copying import replace
from ecsplan.model.ruling import Need

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")

NOW = seconds("2026-11-28T12:00:00Z")
DIGEST = "sha256:" + "a" * 64
WHAT = ("disk.db",)
SUBJECT = Subject(DIGEST, "shop", "1234567890123456", "cn-hangzhou", "c0ffee")
STATEMENT = Statement(DIGEST, "shop", "1234567890123456", "cn-hangzhou", stamp(NOW - 60), stamp(NOW + 3600))
PEOPLE = ("alice@example.com", "bob@example.com", "eve@example.com")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for person, kind in zip(PEOPLE, ("ed25519", "ecdsa", "ed25519"), strict=True):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / person], check=True)
    return {person: folder / person for person in PEOPLE}


def allowed(keys: dict[str, Path], *people: str, options: str = 'namespaces="ecsplan-approval@v1"') -> Signers:
    lines = (f"{person} {options} {keys[person].with_name(person + '.pub').read_text()}" for person in people)
    return Signers("".join(lines).encode())


def verdicts(folder: Path, signers: Signers, subject: Subject = SUBJECT, now: float = NOW) -> list[Verdict]:
    return judged(entries(folder), subject, lambda e, at: signer_of(e.text, e.signature, signers, at), now)


def given(folder: Path, keys: dict[str, Path], person: str, statement: Statement = STATEMENT) -> Path:
    return store(folder, statement.text, sign(statement.text, keys[person]), person)


def counting(found: list[Verdict]) -> list[str]:
    return [verdict.signer for verdict in found if not verdict.trouble]


def test_two_people_approve(tmp_path: Path, keys: dict[str, Path]):
    folder = folder_of(tmp_path / "plan.json")
    for person in PEOPLE[:2]:
        given(folder, keys, person)
    found = verdicts(folder, allowed(keys, *PEOPLE[:2]))
    need = Need("data_loss", 2, "dba", frozenset(PEOPLE[:2]), WHAT)
    assert [answer.missing for answer in answers([need], found, frozenset())] == [0]


def test_what_openssh_itself_verifies(tmp_path: Path, keys: dict[str, Path]):
    path = given(tmp_path, keys, PEOPLE[0])
    (tmp_path / "allowed").write_bytes(allowed(keys, PEOPLE[0]).allowed)
    command = ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "allowed", "-I", PEOPLE[0], "-n", "ecsplan-approval@v1",
               "-s", f"{path}.sig"]  # fmt: skip
    assert subprocess.run(command, input=path.read_bytes(), check=False, capture_output=True).returncode == 0


@pytest.mark.door("approvals")
def test_who_is_no_allowed_signer_does_not_count(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, "eve@example.com")
    (found,) = verdicts(tmp_path, allowed(keys, *PEOPLE[:2]))
    assert found.trouble == "no allowed signer has this key"


@pytest.mark.door("approvals")
def test_every_changed_byte_of_the_statement_is_noticed(tmp_path: Path, keys: dict[str, Path]):
    path = given(tmp_path, keys, PEOPLE[0])
    text = path.read_bytes()
    for place in range(0, len(text), 17):
        path.write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])
        (found,) = verdicts(tmp_path, allowed(keys, PEOPLE[0]))
        assert found.trouble.startswith("the signature does not hold"), place


def test_a_signature_for_another_purpose_does_not_count(tmp_path: Path, keys: dict[str, Path]):
    path = tmp_path / "a.json"
    path.write_text(STATEMENT.text)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", keys[PEOPLE[0]], path], check=True, capture_output=True
    )
    (found,) = verdicts(tmp_path, allowed(keys, PEOPLE[0]))
    assert found.trouble


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"digest": "sha256:" + "b" * 64}, "approves another plan"),
        ({"stack": "other"}, "is for the stack other"),
        ({"account": "1"}, "is for the account 1"),
        ({"region": "cn-beijing"}, "is for the region cn-beijing"),
        ({"expires": stamp(NOW - 1)}, "expired at"),
        ({"issued": stamp(NOW + 4000)}, "issued in the future"),
        ({"commit": "badc0de"}, "is for commit badc0de"),
    ],
)
def test_an_approval_of_something_else_does_not_count(
    tmp_path: Path, keys: dict[str, Path], changed: dict[str, str], said: str
):
    given(tmp_path, keys, PEOPLE[0], replace(STATEMENT, **changed))  # type: ignore[arg-type]
    (found,) = verdicts(tmp_path, allowed(keys, PEOPLE[0]))
    assert said in found.trouble


def test_a_key_that_was_valid_once_does_not_count_now(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, PEOPLE[0])
    past = allowed(keys, PEOPLE[0], options='namespaces="ecsplan-approval@v1",valid-before="20260101Z"')
    (found,) = verdicts(tmp_path, past)
    assert found.trouble


def test_a_revoked_approval_stays_revoked(tmp_path: Path, keys: dict[str, Path]):
    path = given(tmp_path, keys, PEOPLE[0])
    (entry,) = entries(tmp_path)
    back = replace(STATEMENT, revokes=(entry.fingerprint,), classes=(), expires=stamp(NOW - 1))
    given(tmp_path, keys, PEOPLE[0], back)
    found = {verdict.name: verdict.trouble for verdict in verdicts(tmp_path, allowed(keys, PEOPLE[0]))}
    assert found[path.name] == "was revoked by alice@example.com"


def test_nobody_revokes_the_approval_of_another(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, PEOPLE[0])
    given(tmp_path, keys, PEOPLE[1], replace(STATEMENT, revokes=("all",), classes=(), issued=stamp(NOW)))
    assert counting(verdicts(tmp_path, allowed(keys, *PEOPLE[:2]))) == [PEOPLE[0]]


def test_an_approval_after_a_revocation_counts(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, PEOPLE[0], replace(STATEMENT, revokes=("all",), classes=(), issued=stamp(NOW - 100)))
    given(tmp_path, keys, PEOPLE[0])
    assert counting(verdicts(tmp_path, allowed(keys, PEOPLE[0]))) == [PEOPLE[0]]


def test_the_same_signer_counts_once_and_the_author_not_at_all(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, PEOPLE[0])
    given(tmp_path, keys, PEOPLE[0], replace(STATEMENT, reason="once more"))
    given(tmp_path, keys, PEOPLE[1])
    found = verdicts(tmp_path, allowed(keys, *PEOPLE[:2]))
    (answer,) = answers([Need("reboot", 2, what=WHAT)], found, frozenset({PEOPLE[1]}))
    assert answer.given == (PEOPLE[0],) and answer.of_the_author == (PEOPLE[1],) and answer.missing == 1


def test_only_the_classes_that_it_names(tmp_path: Path, keys: dict[str, Path]):
    given(tmp_path, keys, PEOPLE[0], replace(STATEMENT, classes=("reboot",)))
    found = verdicts(tmp_path, allowed(keys, PEOPLE[0]))
    assert [
        a.missing for a in answers([Need("reboot", 1, what=WHAT), Need("data_loss", 1, what=WHAT)], found, frozenset())
    ] == [0, 1]


def test_files_that_are_none_are_named(tmp_path: Path, keys: dict[str, Path]):
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").mkdir()
    found = verdicts(tmp_path, allowed(keys, PEOPLE[0]))
    assert [bool(verdict.trouble) for verdict in found] == [True, True]


def test_a_missing_program_is_said(tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SigningFailed, match="openssh-client"):
        sign(STATEMENT.text, keys[PEOPLE[0]])
