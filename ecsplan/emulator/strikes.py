"""The effect of a fault on the call that it hit, at each point of the call's way through the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.credentials import Credentials, read_credential
from ecsplan.emulator.faults import Faults, Rule, record
from ecsplan.emulator.lifecycle import EFFECTS, Lifecycle
from ecsplan.emulator.protocol import respond
from ecsplan.emulator.sight import Sight, SoldOut
from ecsplan.emulator.wire import ConnectionDropped, HttpResponse, Refusal

Entry = dict[str, Any]
HTML = "<html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
FOREVER = 10.0**9


class Answered(Exception):
    """A fault answers in the service's place."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Strikes:
    """The rules that hit one call, asked at each point in turn."""

    def __init__(self, faults: Faults, rules: list[Rule], entry: Entry) -> None:
        self._faults = faults
        self._rules = rules
        self.entry = entry

    def named(self, *names: str) -> list[Rule]:
        return [rule for rule in self._rules if rule.name in names]

    def refuse_early(self, now: float, has_token: bool) -> None:
        """Before any work: the transport breaks, or the gateway refuses."""
        if self.named("drop_before_commit"):
            raise ConnectionDropped("dropped before the call was carried out")
        for rule in self._rules:
            if rule.name in ("html_200", "status_5xx_without_envelope") and not rule.get("commit"):
                raise Answered(_replacement(rule))
            if rule.name == "error" and not rule.get("commit"):
                raise _error(rule)
            if rule.name == "nonce_replay" and rule.get("commit", True) is False:
                raise _nonce()
            if rule.name == "throttle":
                self._throttle(rule, now)
            if rule.name == "quota" and rule.memory.get("used", 0) >= rule.get("n", 0):
                record(rule, self.entry)
                raise Refusal(rule.get("status", 403), rule.get("code", "QuotaExceed"), "The quota is exceeded.")
            if rule.name == "token_processing" and has_token:
                code = rule.get("code", "LastTokenProcessing")
                raise Refusal(rule.get("status", 403), code, "The last token request is processing.")

    def _throttle(self, rule: Rule, now: float) -> None:
        """A fixed window, or a bucket that fills at limit/window a second; per action and region."""
        limit, window = rule.get("limit", 1), rule.get("window", 60)
        key = (self.entry["product"], self.entry["action"], self.entry["params"].get("RegionId", ""))
        if rule.get("style", "window") == "bucket":
            level, at = rule.memory.get(key, (float(limit), now))
            level = min(float(limit), level + (now - at) * limit / window)
            rule.memory[key] = (level - 1, now) if level >= 1 else (level, now)
            admitted, wait = level >= 1, (1 - level) * window / limit
        else:
            current, used = rule.memory.get(key, (now // window, 0))
            used = used + 1 if current == now // window else 1
            rule.memory[key] = (now // window, used)
            admitted, wait = used <= limit, (now // window + 1) * window - now
        if admitted:
            return
        record(rule, self.entry)
        headers = {"x-acs-retry-after": str(max(1, int(wait * 1000)))} if rule.get("header") else {}
        message = "Request was denied due to user flow control."
        raise Refusal(rule.get("status", 400), rule.get("code", "Throttling.User"), message, headers)

    def expire_token(self, credentials: Credentials, key_id: str, token: str) -> None:
        """Refuses a condemned key and token from now on; `next` names the credential that works instead."""
        for rule in self.named("sts_expire"):
            rule.memory[key_id, token] = True
            if rule.get("next"):
                credentials.put(read_credential(rule.get("next")))
        for rule in self._faults.standing("sts_expire"):
            if (key_id, token) not in rule.memory:
                continue
            if rule.get("form", "code") == "code":
                raise Refusal(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
            raise Refusal(400, "InvalidParameter", "The parameter is invalid: SecurityToken.Expired.")

    def hold(self, when: str) -> None:
        for rule in self.named("hold", "crash_client"):
            if rule.get("when", "before") == when and not self._faults.holds.hold(self.entry, when):
                raise ConnectionDropped(f"held {when} the commit, then dropped")

    def delays(self, when: str) -> float:
        """Seconds."""
        rules = [rule for rule in self.named("delay") if rule.get("when", "before") == when]
        return sum(float(rule.get("ms", 1000)) for rule in rules) / 1000

    def meddle(self, account: Account, lifecycle: Lifecycle, now: float) -> None:
        """Somebody else changes the account just before this call."""
        for rule in self.named("foreign_edit", "foreign_delete"):
            thing = _chosen(rule, account)
            if thing is None:
                continue
            self.entry["faults"][-1]["thing"] = thing.id
            if rule.name == "foreign_edit":
                account.change_all(thing, rule.get("set", {}))
                if rule.get("tags") is not None:
                    merged = {**thing.tags, **rule.get("tags")}
                    account.set_tags(thing, {key: value for key, value in merged.items() if value is not None})
            elif thing.kind == "instance":
                EFFECTS["instance_released"](lifecycle, thing, now)
            else:
                account.remove(thing)

    def bend(self, call: Call) -> None:
        """Sets what the operation itself has to know."""
        for rule in self.named("partial_batch"):
            call.partial = rule.get("k", 1)
        for rule in self.named("page_shift"):
            call.page_shift = rule.get("shift", 1)
        outs = self._faults.standing("stock_out")
        if outs:
            what = (
                (rule.get("type", "*"), rule.get("category", ""), rule.get("zone", "*"),
                 rule.get("status", "WithoutStock"))
                for rule in outs
            )  # fmt: skip
            call.sold_out = SoldOut(tuple(what))
        call.unwell = tuple(rule.spec for rule in self._faults.standing("unwell"))
        if self._faults.rules:
            call.sight = self._sight(call)

    def _sight(self, call: Call) -> Sight:
        hiding = [rule for rule in self._faults.standing("not_visible_for") if rule.memory]
        lists = self.named("list_vs_get_disagree") if _is_list(call) else []
        lags = [rule for rule in self._faults.standing("tag_index_lag") if rule.memory]
        if not (hiding or lists or lags):
            return Sight()
        counted: set[tuple[int, str]] = set()

        def hides(thing: Thing) -> bool:
            for rule in hiding:
                left = rule.memory.get(thing.id, 0)
                if left > 0 and call.action.startswith(("Describe", "List")) and (rule.id, thing.id) not in counted:
                    counted.add((rule.id, thing.id))
                    rule.memory[thing.id] = left - 1
                if (left > 0) or (rule.id, thing.id) in counted:
                    return True
            return any(_is_left_out(rule, thing) for rule in lists)

        def lagging(thing: Thing) -> Mapping[str, str] | None:
            for rule in lags:
                until, before = rule.memory.get(thing.id, (0.0, None))
                if call.now < until:
                    return before  # type: ignore[no-any-return]
            return None

        return Sight(hides if hiding or lists else None, lagging if lags else None)

    def committed(self, account: Account, first_seq: int, call: Call) -> None:
        """After a write: what it made stays unseen, what it tagged is found late, what it used counts."""
        for rule in self.named("not_visible_for"):
            for kind, id_ in account.touched:
                thing = account.get(kind, id_)
                if thing is not None and thing.seq >= first_seq:
                    rule.memory[id_] = rule.get("reads", 1)
        for rule in self._faults.standing("tag_index_lag"):
            for thing, before in account.retagged:
                rule.memory.setdefault(thing.id, (call.now + rule.get("seconds", 1), before))
        for rule in self.named("quota"):
            rule.memory["used"] = rule.memory.get("used", 0) + int(call.params.get("Amount", 1))

    def spoil(self, response: HttpResponse) -> HttpResponse:
        """After the commit: the answer is lost, cut, or not what was asked for."""
        if self.named("drop_after_commit"):
            raise ConnectionDropped("dropped after the call was carried out")
        for rule in self._rules:
            if rule.name in ("html_200", "status_5xx_without_envelope"):
                return _replacement(rule)
            if rule.name == "cut_body":
                kept = response.body[: rule.get("n", len(response.body) // 2)]
                return HttpResponse(response.status, response.headers, kept, cut=True)
        return response

    def refuse_late(self) -> None:
        """The call was carried out, and an error is answered all the same."""
        for rule in self._rules:
            if rule.name == "error":
                raise _error(rule)
            if rule.name == "nonce_replay":
                raise _nonce()


def _nonce() -> Refusal:
    return Refusal(400, "SignatureNonceUsed", "Specified signature nonce was used already.")


def _error(rule: Rule) -> Refusal:
    headers = rule.get("header") or {}
    message = rule.get("message", "The request processing has failed due to a fault that was asked for.")
    return Refusal(rule.get("status", 400), rule.get("code", "ServiceUnavailable"), message, headers)


def _replacement(rule: Rule) -> HttpResponse:
    if rule.name == "html_200":
        return respond(200, "text/html", HTML)
    return respond(rule.get("status", 502), "text/html", "<html><body>Bad Gateway</body></html>")


def _is_list(call: Call) -> bool:
    """A read that does not name what it wants by id. The id of a VPC narrows every list but that of VPCs."""
    narrowing = {"RegionId", "ZoneId", "ResourceGroupId", "VpcId"} - {"VpcId" if call.action == "DescribeVpcs" else ""}
    return call.action.startswith("Describe") and not any(
        name.endswith(("Id", "Ids")) and name not in narrowing for name in call.params
    )


def _is_left_out(rule: Rule, thing: Thing) -> bool:
    """The same things each time: chosen by their id."""
    if rule.get("kind") not in (None, thing.kind):
        return False
    return sum(thing.id.encode()) % 100 < float(rule.get("share", 1.0)) * 100


def _chosen(rule: Rule, account: Account) -> Thing | None:
    if rule.get("id"):
        things = [t for t in account.all() if t.id == rule.get("id") or t.get("KeyName") == rule.get("id")]
    else:
        things = sorted(account.everywhere(rule.get("kind", "instance")), key=lambda thing: thing.seq)
    wanted = rule.get("match", {})
    things = [
        t for t in things if all(t.get(key) == value or t.tags.get(key) == value for key, value in wanted.items())
    ]
    return rule.random.choice(things) if things else None


class Detention:
    """Changes that should come by themselves but do not, or come out wrong; asked by the lifecycle."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def until(self, thing: Thing, values: dict[str, Any], at: float) -> float | None:
        """A later time for a thing that is stuck in its status."""
        for rule in self._faults.standing("state_stuck"):
            if rule.get("kind") in (None, thing.kind) and rule.get("state") == thing.status:
                since = rule.memory.setdefault((thing.id, thing.status), at)
                later = since + (rule.get("seconds") or FOREVER)
                if at < later:
                    rule.fired += 1
                    return float(later)
        return None

    def instead(self, thing: Thing, values: dict[str, Any]) -> dict[str, Any] | None:
        """The failed outcome; None when the rule says that the thing vanishes."""
        for rule in self._faults.standing("state_fail"):
            wanted = rule.get("state")
            if rule.get("kind") in (None, thing.kind) and values.get("Status") == (wanted or values.get("Status")):
                times = rule.get("times")
                if times is None or rule.fired < times:
                    rule.fired += 1
                    outcome = rule.get("instead", "vanish")
                    return None if outcome == "vanish" else {**values, "Status": outcome}
        return values

    def lag(self) -> float:
        return max((float(rule.get("seconds", 1)) for rule in self._faults.standing("dependency_lag")), default=0.0)
