"""What a run that died left behind: asked for again unchanged, waited for, and dealt with once."""

import pytest

from ecsplan.apply.blind import VISIBILITY_LAG
from ecsplan.apply.journal import read_all
from ecsplan.apply.recover import STALE, recover
from ecsplan.model.address import Secret
from ecsplan.model.call import ApiError, ErrorClass, Late
from tests.apply.test_journal import answers, intends, written
from tests.apply.world import START, World, refusal
from tests.builders import a_plan, a_step


def recovered(world: World, taken_from: str | None = None) -> bool:
    """As the one who took the lock over from whom the last journal is of."""
    pasts = read_all(world.folder, "lab")
    cloud, secrets = world.cloud, lambda secret: world.secrets[secret.env or ""]
    holder = taken_from if taken_from is not None else pasts[-1].holder
    return recover(pasts, cloud, cloud.read, cloud.tagged, world.clock, secrets, world.events.append, holder)


def test_a_lost_create_is_sent_again_unchanged_and_once(world, cloud):
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    world.run(a_plan(a_step("create box.a")))
    recovered(world)
    recovered(world)
    (_, first), (_, second) = cloud.sent
    assert first.client_token == second.client_token and first.params == second.params
    assert world.events[-1]["message"].startswith("a run that was cut off had sent Create for box.a")


def test_what_was_made_is_waited_for_until_it_can_be_seen(world, cloud, clock):
    cloud.hidden = 4
    written(world.folder, intends(at=START))
    assert recovered(world)
    assert 4 <= clock.time - START < VISIBILITY_LAG


def test_what_is_never_seen_is_waited_for_no_longer_than_the_lag(world, cloud, clock):
    cloud.hidden = 1000
    written(world.folder, intends(at=START))
    recovered(world)
    assert VISIBILITY_LAG <= clock.time - START < VISIBILITY_LAG + 2


def test_only_new_ids_of_the_answer_are_waited_for(world, cloud):
    cloud._made = lambda request: {"Id": "bx-1", "RouterId": "vrt-1", "RequestId": "r"}
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 0}
    written(world.folder, intends(at=START))
    recovered(world)
    assert [ids for _, _, ids in cloud.polls] == [("bx-1",)]


def test_what_that_run_deleted_itself_is_not_waited_for(world, cloud):
    written(world.folder, intends(), answers(1, a="bx-1"), intends(creates=[], token="", removes=["bx-1"]))
    recovered(world)
    assert not cloud.polls


def test_a_create_of_long_ago_is_not_sent_again(world, cloud):
    """Its token may be forgotten, and then a second one would be made; the lists show the first by now."""
    written(world.folder, intends(at=START - STALE - 1))
    assert recovered(world) and not cloud.sent
    assert not read_all(world.folder, "lab")[0].unanswered


def test_a_refusal_settles_it(world, cloud):
    cloud.refusals = {"Create": [refusal("InvalidParameter")]}
    written(world.folder, intends(at=START))
    assert recovered(world)
    assert not recovered(world) and len(cloud.sent) == 1


def test_another_lost_answer_stops_everything_and_is_asked_for_the_next_time(world, cloud):
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    written(world.folder, intends(at=START))
    with pytest.raises(ApiError):
        recovered(world)
    assert recovered(world) and len(cloud.sent) == 2


def test_a_create_without_a_token_is_looked_for_until_it_is_seen(world, cloud, clock):
    marks = [{"Key": "ecsplan:box", "Value": "lab/box.a"}]
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 5, "Tag": marks}
    written(world.folder, intends(token="", params={"Tag": marks}, at=START))
    assert recovered(world) and not cloud.sent
    assert 5 <= clock.time - START < VISIBILITY_LAG


def test_and_no_longer_than_lists_may_lag(world, cloud, clock):
    marks = [{"Key": "ecsplan:box", "Value": "lab/box.a"}]
    written(world.folder, intends(token="", params={"Tag": marks}, at=START - 5))
    assert recovered(world) and not cloud.sent
    assert VISIBILITY_LAG - 5 <= clock.time - START < VISIBILITY_LAG - 3


@pytest.mark.parametrize(("ago", "left"), [(0, 15), (5, 10), (VISIBILITY_LAG, 0), (1000, 0), (-1000, 15)])
def test_what_is_born_without_tags_is_given_the_time_that_lists_may_lag(world, cloud, clock, ago, left):
    """A clock that was ahead when it was sent is no reason to wait for longer."""
    written(world.folder, intends(token="", at=START - ago))
    assert recovered(world) and not cloud.sent
    assert clock.time - START == pytest.approx(left, abs=0.01)


def test_a_finished_run_leaves_nothing_to_do(world, cloud):
    world.run(a_plan(a_step("create box.a")))
    world.clock.sleep(3600)
    cloud.sent.clear(), cloud.polls.clear()
    assert not recovered(world) and not cloud.sent and not cloud.polls


def test_what_a_finished_run_made_a_moment_ago_is_waited_for(world, cloud):
    world.run(a_plan(a_step("create box.a")))
    cloud.polls.clear()
    recovered(world)
    assert len(cloud.polls) == 1


@pytest.mark.parametrize("form", ["plain", "base64"])
def test_secrets_are_read_again_where_they_are_kept(world, cloud, form):
    encode = {"plain": str, "base64": lambda text: __import__("base64").b64encode(text.encode()).decode()}[form]
    world.secrets = {"PW": "canary-1"}
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    sensitive = Late(Secret(1, template=("a-", Secret(1, env="PW"))), encode, is_sensitive=True, form=form)
    world.run(a_plan(a_step("create box.a", params={"Password": sensitive})))
    recovered(world)
    assert cloud.sent[0][1].params == cloud.sent[1][1].params
    assert "canary" not in next((world.folder / "journal").glob("*")).read_text()


def test_what_a_run_wanted_to_make_whose_lock_is_gone_is_left_to_the_lists(world, cloud, clock):
    """Somebody else may have made it meanwhile, with a token of his own: it is waited for, and not made again."""
    written(world.folder, intends(at=START))
    assert not recovered(world, taken_from="somebody else")
    assert not cloud.sent and clock.time - START == VISIBILITY_LAG
    assert recovered(world, taken_from="") is False
    assert clock.time - START == VISIBILITY_LAG
