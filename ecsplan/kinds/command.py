"""Command of Cloud Assistant. ECS 2014-05-26: CreateCommand, DescribeCommands, ModifyCommand, DeleteCommand.

Neither its type nor its content can be changed (ModifyCommand takes a content and ignores it): another one is made,
which is what machines see that run it (_commands.py).
"""

from ecsplan.kinds import _command_parameters as commands
from ecsplan.kinds._forms import TAG_KEY, TAG_VALUE
from ecsplan.kinds._shared import name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Update
from ecsplan.model.limits import Length, Pairs
from ecsplan.model.texts import FileText
from ecsplan.model.values import Choice, Integer, Text

LONGEST = 18 * 1024  # bytes of content: 24 KB of Base64

ELSEWHERE = (
    Terraform(
        "alicloud_ecs_command",
        named(
            name="name", type="type", command_content="content base64", description="description",
            working_dir="working_dir", timeout="timeout number", launcher="launcher",
        ) + COMMON[1:],
        theirs_alone={"enable_parameter": False, "content_encoding": ""},
        no_place=("runs", "user"),
    ),
    Ros(
        "ALIYUN::ECS::Command", "CommandId",
        {"name": "Name", "type": "Type", "command_content": "CommandContent", "description": "Description",
         "working_dir": "WorkingDir", "timeout": "Timeout", "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="command",
    summary="A script that machines run through Cloud Assistant.",
    attributes=(
        name(Length(1, 128), "Name"),
        Attribute("description", "Description", Text(1, 512), "What it is for.",
                  samples=("first words", "second words")),
        Attribute("type", "Type", Choice("RunShellScript", "RunBatScript", "RunPowerShellScript"),
                  "The shell: one of Linux, or of Windows.", required=True, fixed="replace",
                  samples=("RunShellScript", "RunBatScript")),
        Attribute("content", "CommandContent", FileText(LONGEST, base64=True), "The script. Who may list commands can "
                  "read it: a secret does not belong there.", required=True, fixed="replace",
                  samples=("echo one\n", "echo two\n")),
        Attribute("working_dir", "WorkingDir", Text(1, 200), "The folder that it runs in, which has to be there.",
                  samples=("/opt", "/srv")),
        Attribute("timeout", "Timeout", Integer(10, 86400), "How many seconds it may take on a machine; 60 if "
                  "left out.", samples=(60, 120)),
        Attribute("launcher", "Launcher", Text(1, 1024), "The program that runs the script, like python3 -u {{ACS::"
                  "ScriptFileName}}.", samples=("bash {{ACS::ScriptFileName}}", "sh {{ACS::ScriptFileName}}")),
        Attribute("runs", None, Choice("once", "on_change"), "Whether machines that name it run it once, or again when "
                  "its text changes; on_change if left out.", read_as=False, only_at_birth=True,
                  unsampled="it says what machines do; test_command.py has both"),
        Attribute("parameters", None, commands.Parameters(), "Values for {{name}} in its content, the same on every "
                  "machine; another value is another text. Who may list invocations can read them.", fixed="replace",
                  read_as=commands.read_parameters, samples=({}, {"version": "2"}),
                  samples_with={"content": "echo {{version}}\n"}),
        Attribute("user", None, Text(1, 255), "Who runs it; root or System if left out.", read_as=False,
                  only_at_birth=True, unsampled="it is sent when it is run; test_command.py has one"),
        resource_group(),
        tags(Pairs(TAG_KEY, TAG_VALUE)),
    ),
    listing=Listing("DescribeCommands", items="Commands.Command", id="CommandId", name="Name", page_size=50,
                    status="", ids=Ids("CommandId", "single", 1)),
    create=Create("CreateCommand", id="CommandId", params={"ContentEncoding": "Base64"}, seconds=1.0,
                  extra=commands.enabled),
    updates=(
        Update("ModifyCommand", ("name", "description", "working_dir", "timeout", "launcher")),
        resource_group_update("command"),
        tags_update(),
    ),
    delete=Delete("DeleteCommand", seconds=1.0),
    id_param="CommandId",
    id_prefixes=(),  # c-… is too short: a resource of any kind may be called so
    can=(
        Tagged("command"),
        Rights("ecs:command", makes=()),
        Checks((commands.parameters_fit,)),
        Exporting(rank=12, defaults={"timeout": 60}),
        *ELSEWHERE,
    ),
    example={"type": "RunShellScript", "content": "systemctl is-active app\n", "timeout": 120},
    docs="https://help.aliyun.com/document_detail/64844.html",
)  # fmt: skip
