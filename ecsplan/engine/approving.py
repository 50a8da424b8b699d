"""Approvals of a saved plan: made, listed, and held against what a policy asks for. Used by the engine's functions."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ecsplan.approval.folder import Entry, entries, folder_of, store
from ecsplan.approval.judge import SKEW, Subject, Verdict, answers, judged
from ecsplan.approval.signing import Signers, SigningFailed, sign, signer_of
from ecsplan.approval.statement import Statement, stamp
from ecsplan.approval.words import ALL
from ecsplan.engine.facts import facts_of, facts_of_power, facts_of_reinit, facts_of_run
from ecsplan.engine.policies import policy_in, read_policy
from ecsplan.engine.policy_files import Asking
from ecsplan.files.git import GitFailed, authors_since, commit_of, file_at
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.kinds import load_kinds
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected
from ecsplan.model.plan import Plan
from ecsplan.model.power import PowerPlan
from ecsplan.model.reinit import ReinitPlan
from ecsplan.model.ruling import Answer, Approval, Need, RuleFinding, Ruling
from ecsplan.model.running import RunPlan
from ecsplan.model.spans import span_text
from ecsplan.planner.nodes import nodes_of
from ecsplan.policy.classes import CLASSES, Fact
from ecsplan.policy.evaluate import World, evaluated
from ecsplan.policy.rules import Plans, Policy

_LARGEST = 1 << 20


def ruling_on(plan: Plan, asking: Asking) -> Ruling:
    """Raises Rejected for a policy or signers that cannot be read, Refused where a program that checks is missing."""
    found = _policy(asking)
    if found is None:
        return Ruling()
    policy, path = found
    live = sum(1 for change in plan.changes if change.before is not None)
    unsigned = _unsigned(policy, facts_of(plan, load_kinds()), World(plan.stack, live), asking)
    if asking.planfile:
        unsigned = replace(unsigned, faults=tuple(_faults(plan, policy.plans, asking.now)))
    needs = [answer.need for answer in unsigned.answers]
    if not needs or not _folders(asking):
        return unsigned
    subject = subject_of(plan, asking.folder)
    try:
        verdicts = _verdicts(subject, policy, path, asking)
        authors = authors_since(asking.folder, asking.base) if any(need.not_author for need in needs) else frozenset()
    except (GitFailed, SigningFailed) as failed:
        raise Refused([Diagnostic(f"approvals cannot be checked: {failed}")]) from None
    seen = tuple(
        Approval(
            one.name,
            one.signer,
            one.trouble,
            None if one.covers is None else (len(one.covers), len(subject.nodes)),
            one.statement.classes if one.statement is not None else (),
            one.covers,
        )
        for one in verdicts
    )
    return replace(unsigned, approvals=seen, answers=tuple(answers(needs, verdicts, authors)))


def plan_rules(asking: Asking) -> Plans:
    """How the policy wants plans to be saved."""
    found = _policy(asking)
    return found[0].plans if found is not None else Plans()


def _faults(plan: Plan, rules: Plans, now: float) -> Iterator[str]:
    """Why a saved plan is none that a policy takes. That it has expired, or is bound to another commit, apply says."""
    valid = plan.valid
    if rules.expire and not (valid.until and valid.until - valid.made <= rules.expire):
        told = f"this one lives {span_text(valid.until - valid.made)}" if valid.until else "this one does not"
        yield f"a plan must expire {span_text(rules.expire)} after it was made at the latest, and {told}"
    if valid.made > now + SKEW:
        yield "a plan must not be of the future: check the clocks"
    if rules.bind_commit and not valid.commit:
        yield "a plan must be bound to a commit, and it is not"


def ruling_on_operation(plan: PowerPlan | ReinitPlan | RunPlan, live: int, asking: Asking) -> Ruling:
    """What a policy says of an operation, which nobody can sign: a need is as good as forbidden. `live` is how many
    resources the stack has. Raises Rejected for a policy that is none."""
    found = _policy(asking)
    if found is None:
        return Ruling()
    if isinstance(plan, RunPlan):
        facts = facts_of_run(plan)
    else:
        facts = facts_of_power(plan) if isinstance(plan, PowerPlan) else facts_of_reinit(plan)
    return _unsigned(found[0], facts, World(plan.stack, live), asking)


def _unsigned(policy: Policy, facts: Sequence[Fact], world: World, asking: Asking) -> Ruling:
    findings = tuple(evaluated(policy, facts, world, asking.now))
    nothing = tuple(answers(_needs(findings, policy), (), frozenset()))
    return Ruling(findings, (), nothing, policy.source, asking.base, tags=policy.tags)


def refusals(ruling: Ruling) -> list[Diagnostic]:
    """Why a plan may not be applied: what is forbidden, and which approvals are missing."""
    found = [
        Diagnostic(
            finding.text,
            f"allowed again from {stamp(finding.opens)}" if finding.opens else f"see {ruling.source}",
        )
        for finding in ruling.forbidden
    ]
    found += [Diagnostic(f"{fault} ({ruling.source})", "plan again (ecsplan plan -o FILE)") for fault in ruling.faults]
    found += [_missing(answer) for answer in ruling.missing]
    return found


def _missing(answer: Answer) -> Diagnostic:
    need = answer.need
    given = sorted({signer for address in answer.short for signer in answer.by_address.get(address, answer.given)})
    has = f"it has {', '.join(given)}" if given else "it has none"
    own = f" (that of the author, {', '.join(answer.of_the_author)}, does not count)" if answer.of_the_author else ""
    whose = f" of {need.group}" if need.group else ""
    what = answer.short or need.what
    on = ", ".join(what[:5]) + (f" and {len(what) - 5:,} more" if len(what) > 5 else "")
    return Diagnostic(
        f"{need.class_.replace('_', ' ')} on {on} needs {need.count} approvals{whose}: {has}{own}",
        "save the plan (ecsplan plan -o FILE), have it signed (ecsplan approve FILE), and apply FILE; "
        "power operations and reinit cannot be signed",
    )


def statement_for(
    plan: Plan,
    folder: Path,
    now: float,
    seconds: float,
    classes: Sequence[str],
    reason: str,
    any_commit: bool,
    revoke: bool,
    since: Plan | None = None,
) -> Statement:
    """What is to be signed about a plan, valid for so many seconds; with `since`, only of the changes that are not the
    same there. Raises Rejected for a class that is none, or where nothing is left to sign."""
    unknown = [name for name in classes if name not in CLASSES]
    if unknown:
        raise Rejected([Diagnostic(f"there is no class {unknown[0]}", f"classes: {', '.join(CLASSES)}")])
    subject = subject_of(plan, folder)
    known = {node.digest for node in nodes_of(since)} if since is not None else set()
    nodes = {node.digest for node in nodes_of(plan)} - known
    if since is not None and not nodes:
        raise Rejected([Diagnostic("every change is the same in the earlier plan", "its approvals count for this one")])
    return Statement(
        plan.digest,
        plan.stack,
        plan.account or "",
        plan.region,
        stamp(now),
        stamp(now + seconds),
        () if revoke else tuple(sorted(set(classes))) or (ALL,),
        "" if any_commit else subject.commit,
        reason,
        (ALL,) if revoke else (),
        nodes=() if revoke else tuple(sorted(nodes)),
    )


def approve(planfile: str, key: str, statement: Statement) -> Path:
    """Signs a statement and puts it beside the plan. Raises Refused."""
    try:
        signature = sign(statement.text, key)
    except SigningFailed as failed:
        raise Refused([Diagnostic(str(failed))]) from None
    try:
        return store(folder_of(planfile), statement.text, signature, Path(key).name.removesuffix(".pub"))
    except OSError as error:
        raise Refused([Diagnostic(f"the approval cannot be written: {error.strerror}")]) from None


def subject_of(plan: Plan, folder: Path) -> Subject:
    """A plan as approvals name it; the commit is empty outside of a Git repository."""
    try:
        commit = commit_of(folder)
    except GitFailed:
        commit = ""
    nodes: dict[str, frozenset[str]] = {}
    for node in nodes_of(plan):
        nodes[str(node.address)] = nodes.get(str(node.address), frozenset()) | {node.digest}
    return Subject(plan.digest, plan.stack, plan.account or "", plan.region, commit, nodes)


def _policy(asking: Asking) -> tuple[Policy, Path] | None:
    """The policy and where it lies; from the base where one is named, so that no change can bring its own."""
    path = asking.path
    if path is None:
        return None
    if not asking.base:
        return read_policy(path), path
    text = _from_base(asking, path)
    if text is None:
        detail = "a policy counts once it is merged; merge it first, or name another --base"
        raise Rejected([Diagnostic(f"{asking.base} has no {path.name} at this place", detail)])
    return policy_in(text.decode("utf-8", "replace"), f"{asking.base}:{path.name}"), path


def _folders(asking: Asking) -> list[Path]:
    """Where approvals lie: beside the plan, and wherever else somebody says (those of an earlier plan)."""
    return [*([folder_of(asking.planfile)] if asking.planfile else []), *map(Path, asking.approvals)]


def _from_base(asking: Asking, path: Path) -> bytes | None:
    try:
        return file_at(asking.folder, asking.base, path)
    except GitFailed as failed:
        raise Rejected([Diagnostic(f"{path.name} cannot be read from {asking.base}: {failed}")]) from None


def _needs(findings: Sequence[RuleFinding], policy: Policy) -> list[Need]:
    return [
        Need(finding.class_, finding.approvals, finding.group, policy.groups.get(finding.group, frozenset()),
             finding.addresses, finding.not_author, finding.together)
        for finding in findings
        if finding.effect == "approvals"
    ]  # fmt: skip


def _verdicts(subject: Subject, policy: Policy, path: Path, asking: Asking) -> list[Verdict]:
    if not policy.allowed_signers:
        detail = "write signers: FILE, an allowed_signers file of OpenSSH beside the policy"
        raise Rejected([Diagnostic(f"{policy.source} asks for approvals and names no signers", detail)])
    signers = Signers(_signers(asking, path.parent / policy.allowed_signers))

    def verify(entry: Entry, at: float) -> tuple[str, str]:
        return signer_of(entry.text, entry.signature, signers, at)

    found = [entry for folder in _folders(asking) for entry in entries(folder)]
    return judged(found, subject, verify, asking.now)


def _signers(asking: Asking, path: Path) -> bytes:
    if asking.base:
        found = _from_base(asking, path)
        if found is None:
            raise Rejected([Diagnostic(f"{asking.base} has no {path.name}", "signers count once they are merged")])
        return found
    try:
        return read_regular(path, _LARGEST)
    except BadFile as bad:
        raise Rejected([Diagnostic(f"{path} {bad.reason}", "write signers: FILE in the policy, beside it")]) from None
