"""Each site, by a server that answers as it does: comments found, made and changed; statuses; refusals."""

from collections.abc import Iterator

import pytest

from ecsplan.forge.http import ForgeError
from ecsplan.forge.place import SITES, Place
from ecsplan.forge.site import Proposal, Site, Verdict, makers
from tests.forge.fake import OTHER, TOKEN, US, Fake, serving

SHA = "a" * 40


@pytest.fixture(params=SITES)
def fake(request: pytest.FixtureRequest) -> Iterator[Fake]:
    with serving(request.param) as found:
        yield found


def site_of(fake: Fake, token: str = TOKEN, slept: list[float] | None = None) -> Site:
    repository = "org/42" if fake.site == "codeup" else "o/r"
    place = Place(fake.site, fake.url, repository, "7", SHA)
    return makers()[fake.site](place, token, (slept if slept is not None else []).append)


def test_a_comment_is_made_found_again_and_changed_in_place(fake: Fake) -> None:
    fake.add("of somebody else", OTHER)
    site = site_of(fake)
    made = site.say("first")
    found = {one.id: one for one in site.comments()}
    assert found[made].body == "first" and found[made].is_ours
    assert [one.is_ours for one in found.values()] == [False, True]
    site.change(made, "second")
    assert [body for _, _, body in fake.comments] == ["of somebody else", "second"]


def test_all_pages_are_read(fake: Fake) -> None:
    for number in range(120):
        fake.add(f"comment {number}", OTHER)
    fake.add("ours", US)
    assert [one.body for one in site_of(fake).comments() if one.is_ours] == ["ours"]
    assert len(site_of(fake).comments()) == 121


def test_the_status_of_the_commit_is_set_within_the_limits(fake: Fake) -> None:
    verdict = Verdict("ecsplan/plan (" + "s" * 60 + "@cn-hangzhou)", "failure", "x" * 5_000, "https://ci.example/1")
    if fake.site == "gitee":
        assert not site_of(fake).judge(verdict)
        return
    assert site_of(fake).judge(verdict)
    (status,) = fake.statuses
    assert status["sha"] == SHA and status["state"] == ("failed" if fake.site == "gitlab" else "failure")
    assert fake.site != "codeup" or len(status["context"]) <= 50


def test_the_same_state_again_is_no_error(fake: Fake) -> None:
    for _ in range(2):
        site_of(fake).judge(Verdict("ecsplan/plan (s@r)", "success", "no changes"))


def test_a_wrong_token_is_told_and_never_shown(fake: Fake) -> None:
    with pytest.raises(ForgeError) as caught:
        site_of(fake, token="wrong-token").say("x")
    assert caught.value.status == 401 and "wrong-token" not in str(caught.value)


def test_a_read_is_sent_again_after_an_outage_and_a_comment_never(fake: Fake) -> None:
    slept: list[float] = []
    fake.fail = [(502, {}), (503, {})]
    site_of(fake, slept=slept).comments()
    assert slept == [1.0, 2.0]
    fake.fail, fake.calls = [(502, {})] * 8, []
    with pytest.raises(ForgeError):
        site_of(fake).say("x")
    assert not fake.comments and sum(call.startswith("POST") for call in fake.calls) <= 1


def test_a_site_that_asks_to_wait_is_obeyed(fake: Fake) -> None:
    slept: list[float] = []
    fake.fail = [(429, {"Retry-After": "7"})]
    site_of(fake, slept=slept).say("x")
    assert slept == [7.0] and len(fake.comments) == 1


def test_no_redirect_is_followed_with_the_token(fake: Fake) -> None:
    fake.fail = [(302, {"Location": "http://127.0.0.1:1/elsewhere"})]
    with pytest.raises(ForgeError, match="302"):
        site_of(fake).comments()


def test_the_token_of_a_workflow_may_not_ask_who_it_is() -> None:
    with serving("github") as fake:
        fake.may_ask_who = False
        fake.add("ours", "github-actions[bot]")
        fake.add("not ours", US)
        assert [one.body for one in site_of(fake).comments() if one.is_ours] == ["ours"]


def test_an_issue_is_opened_found_again_changed_and_closed(fake: Fake) -> None:
    site = site_of(fake)
    if fake.site == "codeup":
        with pytest.raises(ForgeError, match="no issues"):
            site.issues()
        return
    fake.add_issue("not ours", "of somebody else", OTHER)
    opened = site.open_issue("Drift: shop", "first")
    site.change_issue(opened, "Drift: shop", "second", closes=False)
    assert [(one.id, one.title, one.body) for one in site.issues() if one.is_ours] == [
        (opened, "Drift: shop", "second")
    ]
    site.change_issue(opened, "Drift: shop", "mended", closes=True)
    assert not [one for one in site.issues() if one.is_ours]
    assert fake.issues[1]["body"] == "mended"


def test_a_pull_request_is_opened_found_again_changed_and_closed(fake: Fake) -> None:
    site, head = site_of(fake), "ecsplan-drift/shop-cn-hangzhou"
    fake.add_pull(head, is_fork=True)  # somebody has a branch of that name in a fork
    assert not site.request(head)
    made = site.open_request(Proposal(head, "main", "Accept", "body"))
    assert site.request(head) == made and not site.request("other-branch")
    assert (fake.pulls[-1]["base"], fake.pulls[-1]["head"]) == ("main", head)
    site.change_request(made, "Accept more", "other body", closes=False)
    assert (fake.pulls[-1]["title"], fake.pulls[-1]["body"]) == ("Accept more", "other body")
    site.change_request(made, "Accept more", "other body", closes=True)
    assert not site.request(head)


def test_a_change_request_that_codeup_did_not_change_is_told() -> None:
    with serving("codeup") as fake:
        made = site_of(fake).open_request(Proposal("ecsplan-drift/shop", "main", "Accept", "b" * 20_000))
        site_of(fake).change_request(made, "t" * 300, "b" * 20_000, closes=True)
        with pytest.raises(ForgeError, match="did not update change request 1"):
            site_of(fake).change_request(made, "Accept", "body", closes=False)
