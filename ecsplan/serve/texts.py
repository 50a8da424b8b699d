"""The words of the page in English and Chinese. What plans, stacks and Git say stays as it was written."""

from collections.abc import Mapping

LANGUAGES = ("en", "zh")
NAMES = {"en": "English", "zh": "中文"}

_TEXTS: dict[str, tuple[str, str]] = {
    "skip": ("Skip to the content", "跳到正文"), "pages": ("Pages", "页面"), "language": ("Language", "语言"),
    "stacks": ("Stacks", "栈"), "history": ("History", "历史"), "log_out": ("Log out", "退出登录"),
    "level_read": ("read", "只读"), "level_write": ("write", "读写"), "log_in": ("Log in", "登录"),
    "token": ("Token for reading, or for writing", "只读令牌或读写令牌"),
    "bad_token": ("This is not a token of this loop.", "此令牌无效。"),
    "too_many": ("Too many tries: wait a minute.", "尝试次数过多：请等一分钟。"),
    "commit": ("Commit", "提交"), "none_yet": ("none yet", "尚无"), "stack": ("Stack", "栈"),
    "health": ("Health", "状态"), "what": ("What", "内容"), "last_run": ("Last run", "上次运行"),
    "no_stack": ("No stack is declared yet.", "尚未声明任何栈。"), "refers": ("Refers to", "引用"),
    "no_other": ("no other stack", "不引用其他栈"), "next_run": ("Next run", "下次运行"),
    "soon": ("as soon as it can", "尽快"), "watch": ("Watch the run", "查看正在进行的运行"),
    "last_did": ("What the last run did", "上次运行的过程"), "change_set": ("The change set", "变更集"),
    "download": ("Download the plan", "下载计划"), "run": ("Run now", "立即运行"), "suspend": ("Suspend", "暂停"),
    "resume": ("Resume", "恢复"), "approve": ("Approve", "审批"),
    "look": ("Look at the change set, download the plan, and sign it where your key is:",
             "查看变更集，下载计划，并在保存密钥的机器上签名："),
    "paste": ("Then paste both files from", "然后粘贴以下目录中的两个文件："),
    "digest": ("The digest is", "摘要为"), "statement": ("Statement (.json)", "声明（.json）"),
    "signature": ("Signature (.json.sig)", "签名（.json.sig）"), "add": ("Add the approval", "提交审批"),
    "need_write": ("Log in with the token for writing to add it.", "请用读写令牌登录后提交。"),
    "of_this": ("Runs of this stack, the newest first", "此栈的运行记录，最新的在前"),
    "of_all": ("Runs of all stacks, the newest first", "所有栈的运行记录，最新的在前"),
    "began": ("Began", "开始时间"), "outcome": ("Outcome", "结果"), "seconds": ("Seconds", "秒"),
    "no_runs": ("None yet.", "尚无记录。"), "run_of": ("Run of", "运行："),
    "reloads": ("this page loads itself again every 3 seconds.", "本页每 3 秒自动刷新。"),
    "events": ("Events of the run", "运行事件"), "nothing": ("Nothing was written.", "没有内容。"),
    "back": ("Back to the stack", "返回该栈"),
    "in_sync": ("In sync", "一致"), "applied": ("Applied", "已应用"), "pending": ("Waits for approval", "等待审批"),
    "drifted": ("Drifted", "已漂移"), "refused": ("Refused", "被拒绝"), "failed": ("Failed", "失败"),
    "busy": ("Locked by others", "被他人锁定"), "running": ("Running", "运行中"), "new": ("Not yet run", "尚未运行"),
    "suspended": ("Suspended", "已暂停"),
}  # fmt: skip


def texts(language: str) -> Mapping[str, str]:
    at = LANGUAGES.index(language)
    return {key: both[at] for key, both in _TEXTS.items()}


def language_of(chosen: str, accepted: str) -> str:
    """The one that was chosen, else the first of `Accept-Language` that there is, else English.

    Browsers send what they like best first.
    """
    if chosen in LANGUAGES:
        return chosen
    asked = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted.split(","))
    return next((name for name in asked if name in LANGUAGES), "en")
