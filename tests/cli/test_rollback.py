"""`ecsplan rollback` on the command line: from the last run, from a saved plan, and applied as any other plan."""

from tests.cli.test_history import run  # noqa: F401


def test_the_way_back_is_shown_saved_and_applied(run, tmp_path):  # noqa: F811
    run("apply", "--emulator", "--auto-approve")
    run("plan", "--emulator", "-o", "two.json", name="two")
    run("apply", "--emulator", "two.json", name="two")
    status, out, _ = run("rollback", "last", "--emulator", "-o", "back.json")
    assert status == 0 and "~ description  two → one" in out
    assert "two → one" in run("rollback", "two.json", "--emulator")[1]
    assert run("apply", "--emulator", "back.json")[0] == 0
    assert run("plan", "--emulator", "--detailed-exitcode")[0] == 0
    assert run("rollback", "nonsense", "--emulator")[0] == 1
