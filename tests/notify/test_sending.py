"""Messages to servers that check them as the chats do, and the commands that send them."""

import email
import email.policy
import itertools
import json
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.engine.notifying import read_channels
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.notice import Notice
from ecsplan.notify import signing
from ecsplan.notify.sending import deliver
from tests.notify.servers import NOW, SECRET, Chat, chatting, mailing

FILE = """
apiVersion: ecsplan/v1
kind: Notifications
channels:
  ding: {type: dingtalk, url: {env: DING_URL}, secret: {env: SECRET}}
  feishu: {type: feishu, url: {env: FEISHU_URL}, secret: {env: SECRET}}
  wecom: {type: wecom, url: {env: WECOM_URL}, on: [drift]}
  slack: {type: slack, url: {env: SLACK_URL}, stacks: ["shop*"]}
  hook: {type: webhook, url: "HOOK", secret: {env: SECRET}}
  mail:
    {type: email, host: 127.0.0.1, port: PORT, tls: none, from: ecsplan@example.com, to: [ops@example.com], user: u,
     password: {env: SECRET}}
"""
STACK = (
    "apiVersion: ecsplan/v1\nstack: shop\nregion: cn-hangzhou\nresources:\n  vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
)


def environ(chat: Chat) -> dict[str, str]:
    names = {name.upper() + "_URL": f"{chat.url}/{name}" for name in ("feishu", "wecom", "slack")}
    return {**names, "DING_URL": f"{chat.url}/dingtalk?access_token=T", "SECRET": SECRET}


def sent(notice: Notice, chat: Chat, folder: Path, port: int) -> list[str]:
    path = folder / "channels.yaml"
    path.write_text(FILE.replace("HOOK", f"{chat.url}/hook").replace("PORT", str(port)), encoding="utf-8")
    numbers = itertools.count(1)
    return deliver(read_channels(str(path), environ(chat)), [notice], lambda: NOW, lambda: f"d{next(numbers)}")


def test_every_channel_takes_its_message(tmp_path: Path) -> None:
    with chatting() as chat, mailing() as post:
        lines = ("changed instance.web[0]: 规格", "From nobody\n.\nRCPT TO: <x@y>")
        assert sent(Notice("drift", "shop", "cn-hangzhou", "shop: 1 changed", lines), chat, tmp_path, post.port) == []
    assert sorted(path for path, _, _ in chat.sent) == ["dingtalk", "feishu", "hook", "slack", "wecom"]
    assert post.logins == [("u", SECRET)] and post.recipients == ["TO:<ops@example.com>"]
    message = email.message_from_bytes(post.messages[0], policy=email.policy.default)
    assert message["Subject"] == "ecsplan: drift in shop"
    assert "规格" in message.get_content() and len(post.messages) == 1


def test_the_signature_of_a_webhook_is_that_of_its_body(tmp_path: Path) -> None:
    with chatting() as chat, mailing() as post:
        sent(Notice("drift", "shop", "cn-hangzhou", "x"), chat, tmp_path, post.port)
    ((document, headers),) = [(document, headers) for path, document, headers in chat.sent if path == "hook"]
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    assert headers["X-Signature"] == signing.webhook(body, SECRET)
    assert document["at"] == int(NOW) and headers["X-Ecsplan-Delivery"] == document["delivery"]
    assert document["notices"][0]["stack"] == "shop"


def test_a_channel_hears_what_it_asked_for(tmp_path: Path) -> None:
    with chatting() as chat, mailing() as post:
        assert sent(Notice("success", "other", "cn-hangzhou", "x"), chat, tmp_path, post.port) == []
    assert sorted(path for path, _, _ in chat.sent) == ["dingtalk", "feishu", "hook"]


def test_what_cannot_be_sent_is_told_without_url_and_secret(tmp_path: Path) -> None:
    with chatting() as chat, mailing() as post:
        chat.statuses = [500, 500, 302, 404, 500]
        told = sent(Notice("drift", "shop", "cn-hangzhou", "x"), chat, tmp_path, post.port)
    assert [line.partition(": ")[2] for line in told] == ["HTTP 500", "HTTP 302", "HTTP 404"]
    assert not any("127.0.0.1" in line or SECRET in line for line in told)
    told = sent(Notice("drift", "shop", "cn-hangzhou", "x"), chat, tmp_path, post.port)  # nobody is there any more
    assert len(told) == 6 and all("127.0.0.1" not in line and SECRET not in line for line in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ding: {type: dingtalk, url: https://oapi.example/x}", "url"),
        ("ding: {type: dingtalk, url: {env: NOT_SET}}", "which is not set"),
        ("hook: {type: webhook, url: 'http://example.com/x'}", "not an https:// address"),
        ('mail: {type: email, host: smtp.example.com, from: a@b.c, to: ["x\\ny@z"]}', "is not an address"),
        (
            "mail: {type: email, host: h.example, tls: none, from: a@b.c, to: [a@b.c], password: {env: HERE}}",
            "needs tls",
        ),
        ("x: {type: pager, url: {env: HERE}}", "type"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text(f"apiVersion: ecsplan/v1\nkind: Notifications\nchannels:\n  {text}\n", encoding="utf-8")
    with pytest.raises(Rejected) as caught:
        read_channels(str(path), {"HERE": "x"})
    assert told in str(caught.value)


def test_apply_drift_and_errors_are_told_and_change_no_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with chatting() as chat:
        monkeypatch.setenv("HOOK", f"{chat.url}/hook")
        Path("ecsplan.notify.yaml").write_text(
            "apiVersion: ecsplan/v1\nkind: Notifications\nchannels: {hook: {type: webhook, url: {env: HOOK}}}\n",
            encoding="utf-8",
        )
        Path("stack.yaml").write_text(STACK, encoding="utf-8")
        assert main(["apply", "--emulator", "--auto-approve", "--notify", "ecsplan.notify.yaml"]) == 0
        assert main(["drift", "--emulator", "--notify", "ecsplan.notify.yaml"]) == 0
        Path("stack.yaml").write_text(STACK.replace("cidr_block", "cidr_blok"), encoding="utf-8")
        assert main(["apply", "--emulator", "--auto-approve", "--notify", "ecsplan.notify.yaml"]) == 1
        chat.statuses = [500, 500]
        assert main(["drift", "--emulator", "--notify", "ecsplan.notify.yaml"]) == 1
        assert main(["notify", "ecsplan.notify.yaml"]) == 0
        assert main(["notify", "ecsplan.notify.yaml", "--channel", "other"]) == 64
    notices = [document["notices"][0] for _, document, _ in chat.sent]
    assert [one["kind"] for one in notices] == ["success", "failure", "test"]
    assert notices[0]["stack"] == "shop" and "cidr_block" in notices[1]["headline"]
    assert "warning: notification to hook (webhook): HTTP 500" in capsys.readouterr().err
