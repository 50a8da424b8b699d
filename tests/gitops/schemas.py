"""What Gitee Go and Codeup Flow take as a pipeline, as JSON Schema; neither publishes one.

Sources: help.gitee.com/gitee-go/pipeline (trigger, scheduling, plugin), and help.aliyun.com/zh/yunxiao/user-guide
(pipeline YAML: sources, stages, jobs, steps; manual validation).
"""

from typing import Any

Json = dict[str, Any]


def closed(required: list[str], **properties: Any) -> Json:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


TEXT: Json = {"type": "string", "minLength": 1}
TEXTS: Json = {"type": "array", "items": TEXT}
NAME: Json = {"type": "string", "pattern": "^[a-z0-9_-]+$"}
BRANCHES = closed(["branches"], branches=closed([], prefix=TEXTS, precise=TEXTS, include=TEXTS, exclude=TEXTS))

GITEE_STEP = {
    "type": "object",
    "required": ["step", "name", "displayName"],
    "oneOf": [
        closed(
            ["pythonVersion", "commands"], step={"const": "build@python"}, name=NAME, displayName=TEXT,
            pythonVersion=TEXT, commands=TEXTS, artifacts={"type": "array", "items": closed(["name", "path"], name=TEXT,
            path=TEXTS)}, caches=TEXTS, dependsOn=TEXT,
        ),
        closed(
            ["hostGroupID", "deployArtifact", "script"], step={"const": "deploy@agent"}, name=NAME, displayName=TEXT,
            hostGroupID=TEXT, script=TEXTS, deployArtifact={"type": "array", "items": closed(
                ["source", "name", "target"], source={"enum": ["build", "artifact"]}, name=TEXT, target=TEXT,
                dependArtifact=TEXT)},
        ),
    ],
}  # fmt: skip
GITEE = closed(
    ["version", "name", "displayName", "triggers", "stages"],
    version={"const": "1.0"}, name=NAME, displayName=TEXT, strategy=closed([], blocking={"type": "boolean"}),
    triggers=closed(
        ["trigger"], trigger={"enum": ["auto", "manual"]}, push=BRANCHES, pr=BRANCHES,
        schedule={"type": "array", "maxItems": 1, "items": closed(["cron"], cron={"pattern": r"^(\S+ ){5,6}\S+$"})},
    ),
    stages={"type": "array", "minItems": 1, "items": closed(
        ["name", "displayName", "strategy", "trigger", "steps"], name=NAME, displayName=TEXT,
        strategy={"enum": ["naturally", "fast"]}, trigger={"enum": ["auto", "manual"]}, executor=TEXTS,
        steps={"type": "array", "minItems": 1, "items": GITEE_STEP},
    )},
)  # fmt: skip


def named(of: Json) -> Json:
    """An object of things by their identifiers."""
    names = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
    return {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": of}


FLOW_STEP = closed(["name", "step", "with"], name=TEXT, **{
    "step": {"enum": ["Command", "ArtifactUpload", "ArtifactDownload"]},
    "with": closed([], run=TEXT, uploadType={"enum": ["flowPublic", "packages"]}, artifact=TEXT, filePath=TEXTS),
})  # fmt: skip
FLOW_JOB = {
    "oneOf": [
        closed(["name", "runsOn", "steps"], name=TEXT, runsOn={"anyOf": [TEXT, closed(["group"], group=TEXT)]},
               timeoutMinutes={"type": "integer", "minimum": 1}, steps=named(FLOW_STEP)),
        closed(["name", "component", "with"], name=TEXT, component={"const": "ManualValidate"}, **{
            "with": closed(["validatorType", "validators"], validatorType={"enum": ["users", "roles"]},
                           validateMethod={"enum": ["and", "or"]}, validators=TEXTS),
        }),
    ],
}  # fmt: skip
EVENTS = ["push", "tagPush", "mergeRequestMerged", "mergeRequestOpenedOrUpdate"]
FLOW = closed(
    ["name", "sources", "stages"], name=TEXT, defaultWorkspace=TEXT,
    sources=named(closed(
        ["type", "endpoint", "certificate"], type={"const": "codeup"}, name=TEXT, endpoint=TEXT, branch=TEXT,
        triggerEvents={"type": "array", "items": {"enum": EVENTS}},
        certificate=closed(["type", "serviceConnection"], type={"const": "serviceConnection"}, serviceConnection=TEXT),
    )),
    stages=named(closed(["name", "jobs"], name=TEXT, needs=TEXTS, jobs=named(FLOW_JOB))),
)  # fmt: skip
