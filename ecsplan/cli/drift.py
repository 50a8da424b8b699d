"""`ecsplan drift`: what moved in the cloud since the last apply; for people, and for cron jobs by its exit status."""

import sys
from collections.abc import Mapping

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.accepting import keep_request
from ecsplan.cli.answering import save_answer, write_patch
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.forging import FORGE, forge
from ecsplan.cli.many import PATHS, each
from ecsplan.cli.notifying import NOTIFY, Tell, failures_told, job_url, notifying
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result, say
from ecsplan.forge.site import Site
from ecsplan.forge.sticky import Whose, issue_mark, issue_of
from ecsplan.model.call import Api, ApiError
from ecsplan.model.drift import Drift
from ecsplan.model.trail import Touch
from ecsplan.render.drift import DriftView, drift_document, drift_issue, drift_markdown, drift_text, drift_view
from ecsplan.render.json_format import dumped
from ecsplan.render.notice import drift_notice

REFRESH = (
    click.option(
        "--refresh", type=click.Choice(["full"]), help="full: also read the details that need one call per resource."
    ),
)

ANSWERS = (
    click.option("--issue", is_flag=True, help="Open, update or close the one issue about the drift of the stack."),
    click.option("--who", is_flag=True, help="Ask ActionTrail who changed it, and when."),
    click.option("--revert", metavar="PLANFILE", help="Save the plan that puts back what was changed."),
    click.option("--accept", metavar="PATCH", help="Write a patch that lets the file say what is live."),
    click.option("--pull-request", is_flag=True, help="Push that change, and open or update one pull request for it."),
    click.option("--into", metavar="BRANCH", help="The branch that it is for.  [default: the one of this run]"),
    click.option("--remote", default="origin", metavar="NAME", help="Where it is pushed.  [default: origin]"),
    click.option("--link", metavar="URL", help="Link of what is opened.  [default: the job of the CI system]"),
    *FORGE,
)


@click.command(
    "drift", help="Show what changed outside ecsplan since the last apply. Changes nothing; exits with 2 on drift."
)
@takes(
    PATHS,
    REFRESH,
    ANSWERS,
    NOTIFY,
    options.formats("text", "json", "markdown"),
    options.STACK,
    options.CLOUD,
    options.LOOK,
)
def command(given: Given) -> int:
    with notifying(given) as tell:
        return each(given, lambda one: _one(one, tell), "drift")


def _one(given: Given, tell: Tell) -> int:
    with failures_told(given, tell):
        stack = load(given, only_to_compare=True)
        with cloud(given, stack.region) as api:
            moved = engine.drift(stack, api, engine.PlanOptions(refresh_full=given.refresh == "full"))
            who = _who(moved, api) if given.who and moved.findings else {}
            reverting = engine.plan(stack, api, _only(moved)) if given.revert and moved.findings else None
    found = drift_view(moved, who)
    result(_drawn(found, given))
    if reverting:
        save_answer(reverting, str(given.revert))
    if given.accept and moved.findings:
        write_patch(stack, moved, given.accept)
    if given.pull_request:
        keep_request(given, stack, moved, found)
    tell(drift_notice(found, given.link or job_url()))
    if given.issue:
        with forge(given, needs_change=False) as (site, place):
            _keep_issue(site, found, given.link or place.job_url)
    return exits.CHANGES if found.findings else exits.DONE


def _who(moved: Drift, api: Api) -> Mapping[str, Touch]:
    """Drift is told without it too."""
    from ecsplan.engine.trail import touches

    try:
        return touches(moved, api)
    except ApiError as error:
        say(f"warning: ActionTrail was not asked: {error.code} (actiontrail:LookupEvents)")
        return {}


def _only(moved: Drift) -> engine.PlanOptions:
    """What puts the findings back, and what that depends on."""
    return engine.PlanOptions(targets=tuple(sorted({str(finding.address) for finding in moved.findings})))


def _drawn(found: DriftView, given: Given) -> str:
    if given.format == "json":
        return dumped(drift_document(found))
    if given.format == "markdown":
        return drift_markdown(found)
    return drift_text(found, paint_for(sys.stdout, given.no_color))


def _keep_issue(site: Site, found: DriftView, link: str) -> None:
    """One open issue as long as there is drift; it is closed when there is none."""
    whose = Whose(found.stack, found.region)
    before = issue_of(site.issues(), whose)
    if before is None and not found.findings:
        say(f"issue: none is open for {found.stack}")
        return
    title, body = drift_issue(found, link, issue_mark(whose), site.longest)
    if before is None:
        say(f"issue: opened {site.open_issue(title, body)} for {found.stack}")
    elif not found.findings:
        site.change_issue(before.id, title, body, closes=True)
        say(f"issue: closed {before.id} for {found.stack}: no drift")
    elif (before.title, before.body.strip()) != (title, body.strip()):
        site.change_issue(before.id, title, body, closes=False)
        say(f"issue: updated {before.id} for {found.stack}")
    else:
        say(f"issue: {before.id} is up to date for {found.stack}")
