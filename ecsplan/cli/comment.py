"""`ecsplan comment`: a saved plan, or why there is none, as the one comment of its stack on a pull request."""

import time

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.filing import read_text
from ecsplan.cli.forging import FORGE, forge
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.cli.ruling import asking_for
from ecsplan.forge.place import Place
from ecsplan.forge.site import Site, Verdict
from ecsplan.forge.sticky import Whose, mark, ours, since
from ecsplan.model.ruling import Ruling
from ecsplan.render.comment import Told, comment_body, problems_told, told_of
from ecsplan.render.view import view

PLANFILE = (click.argument("path", default="", metavar="[PLANFILE]"),)
WHERE = (
    click.option("--problems", metavar="FILE", help="Tell the errors in FILE instead: there is no plan."),
    click.option("--of", "stack_name", metavar="STACK", help="The name of the stack, with --problems."),
    click.option("--region", metavar="REGION", help="The region of the stack, with --problems."),
    *FORGE,
    click.option("--change", metavar="NUMBER", help="The pull request.  [default: that of the CI system]"),
    click.option("--sha", metavar="COMMIT", help="The commit that gets the status.  [default: that of the CI system]"),
    click.option("--link", metavar="URL", help="Link to the whole change set, such as its HTML file."),
    click.option("--no-status", is_flag=True, help="Do not set the status of the commit."),
    click.option("--dry-run", is_flag=True, help="Print the comment; send nothing."),
)


@click.command("comment", help="Post a saved plan as a comment on the pull request, and set the commit's status.")
@takes(PLANFILE, WHERE, options.POLICY, options.LOOK)
def command(given: Given) -> int:
    whose, told = _told(given)
    if given.dry_run:
        result(comment_body(told, given.link or "", mark(whose, told.changes), ""))
        return exits.DONE
    with forge(given) as (site, place):
        _post(site, whose, told, given.link or place.job_url)
        if not given.no_status:
            _judge(site, place, whose, told, given.link or place.job_url)
    return exits.DONE


def _told(given: Given) -> tuple[Whose, Told]:
    if bool(given.path) == bool(given.problems):
        raise click.UsageError("give a PLANFILE, or --problems FILE where there is none")
    if given.problems:
        if not (given.stack_name and given.region):
            raise click.UsageError("--problems needs --of STACK and --region REGION")
        text = read_text(given.problems, "the problems")
        return Whose(given.stack_name, given.region), problems_told(given.stack_name, given.region, text)
    plan = engine.load_plan(read_text(given.path, "the plan"))
    ruling: Ruling = engine.ruling(plan, asking_for(given, given.path))
    seen = view(plan, now=time.time())
    return Whose(seen.stack, seen.region), told_of(seen, ruling)


def _post(site: Site, whose: Whose, told: Told, link: str) -> None:
    """In place of the last one of this stack; a second one is never made while that is there."""
    before = ours(site.comments(), whose)
    new = since(before.body, told.changes) if before else ""
    body = comment_body(told, link, mark(whose, told.changes), new, site.longest)
    if before is None:
        site.say(body)
        say(f"comment: posted for {whose.stack}")
    elif before.body.strip() != body.strip():
        site.change(before.id, body)
        say(f"comment: updated for {whose.stack}")
    else:
        say(f"comment: up to date for {whose.stack}")


def _judge(site: Site, place: Place, whose: Whose, told: Told, link: str) -> None:
    if not place.sha:
        say("warning: the commit is not known, so that it gets no status: give --sha")
        return
    context = f"ecsplan/plan ({whose.stack}@{whose.region})"
    if not site.judge(Verdict(context, told.state, told.headline, link)):
        say(f"{place.site} has no status of commits: the comment tells it")
