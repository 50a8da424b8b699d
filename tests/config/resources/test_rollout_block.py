"""`lifecycle.rollout`: each check in its forms, and what is said of one that is none."""

import pytest

from ecsplan.config.resources.rollout_block import rollout_of
from ecsplan.model.gate import checks_of
from ecsplan.model.values import Mistake

GOOD = [
    ({"tcp": 443}, "tcp 443"),
    ({"http": "http://{private_ip}:8080/health"}, "http http://{private_ip}:8080/health"),
    ({"http": {"url": "https://a/", "status": "200-299", "body": "ok", "insecure": True}}, "http https://a/"),
    ({"command": "systemctl is-active app"}, "command systemctl is-active app"),
    ({"status": True}, "status"),
    ({"assistant": True, "timeout": "2m"}, "assistant"),
    ({"balancer": {"clb": "lb-1", "port": 80}}, "balancer lb-1 80"),
    ({"metric": {"name": "CPUUtilization", "below": 80}}, "metric 80.0 CPUUtilization"),
    ({"local": ["curl", "-f", "http://x"]}, "local ('curl', '-f', 'http://x')"),
]


@pytest.mark.parametrize(("check", "text"), GOOD, ids=[text for _, text in GOOD])
def test_a_check_is_read(check: dict, text: str) -> None:
    (found,) = checks_of(rollout_of({"check": [check]})["checks"])
    assert found.text == text and checks_of([found.pairs]) == (found,)


BAD = [
    ({}, "names one of its kinds"),
    ({"tcp": 1, "http": "http://a"}, "names one of its kinds"),
    ({"tcp": 0}, "port: 0 is not a number from 1 to 65535"),
    ({"tcp": {"host": "a"}}, "tcp needs port"),
    ({"tcp": 1, "retry": 1}, "a check has no key retry"),
    ({"tcp": 1, "timeout": "soon"}, "timeout: 'soon' is not a duration"),
    ({"tcp": 1, "successes": 0}, "successes: 0 is not a number"),
    ({"http": "ftp://a"}, "is not a URL"),
    ({"http": {"url": "http://a", "status": "ok"}}, "status: 'ok'"),
    ({"status": "Running"}, "status: 'Running'"),
    ({"balancer": {"clb": "a", "alb": "b"}}, "one of clb, alb and nlb"),
    ({"balancer": "lb-1"}, "balancer: 'lb-1'"),
    ({"metric": {"name": "CPU"}}, "below or above a number"),
    ({"local": "curl"}, "run: 'curl' is not a list of words"),
    ({"command": {"run": "a", "user": True}}, "user: true is not a string"),
]


@pytest.mark.parametrize(("check", "words"), BAD, ids=[words for _, words in BAD])
def test_what_is_wrong_with_a_check_is_said_at_its_place(check: dict, words: str) -> None:
    with pytest.raises(Mistake) as caught:
        rollout_of({"check": [check]})
    assert words in caught.value.summary and caught.value.words and caught.value.path[:2] == ("check", 0)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"order": "random"}, "order: 'random' is none of address, reverse"),
        ({"on_failure": "panic"}, "none of stop, continue"),
        ({"canary": [1, "200%"]}, "canary: '200%' is not a valid share"),
        ({"pause": 0}, "pause: 0 is not a duration"),
        ({"check": []}, "check is a list"),
    ],
)
def test_what_is_wrong_with_the_block_is_said(block: dict, words: str) -> None:
    with pytest.raises(Mistake) as caught:
        rollout_of(block)
    assert words in caught.value.summary
