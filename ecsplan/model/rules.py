"""The checks of a stack file by class: a stable id for each, its name, and the words of its page.

An id is never given to another rule: suppressions, dashboards and forges remember it.
"""

from enum import Enum


class Rule(Enum):
    """`value` is (id, name, title, explanation). The first digit of an id is the step that finds it."""

    SYNTAX = (
        "ECS101", "yaml-syntax", "The file is not YAML 1.2 as ecsplan reads it",
        "A bracket or quote is open, a line is indented with tabs, a character only looks like the right one, or the "
        "file uses merge keys, tags or aliases that are not part of the language.",
    )  # fmt: skip
    UNREADABLE = (
        "ECS102", "unreadable-file", "A file cannot be read",
        "It is missing, is not UTF-8 text, may not be read, or lies outside of the repository.",
    )  # fmt: skip
    NO_STACK = (
        "ECS103", "no-stack", "There is no stack at the path",
        "The folder holds no stack file, or the file is something else, such as a saved plan.",
    )  # fmt: skip
    DECLARED_TWICE = (
        "ECS104", "declared-twice", "Two files of the folder declare the same thing",
        "Below the shared levels a key belongs to one file.",
    )  # fmt: skip
    FOREIGN_FILE = (
        "ECS105", "foreign-file", "A YAML file of the folder is not part of the stack",
        "It is left out. Begin its name with `_` to say that this is meant.",
    )  # fmt: skip
    TOO_LARGE = (
        "ECS106", "too-large", "The stack is larger than a reader accepts",
        "Split it into several stacks.",
    )  # fmt: skip
    UNKNOWN_KEY = (
        "ECS201", "unknown-key", "A key does not exist here",
        "Usually a typing error; the message names the nearest key. `ecsplan explain` lists the keys of every place.",
    )  # fmt: skip
    MISSING_KEY = (
        "ECS202", "missing-key", "A key that is needed is missing",
        "The message says what to write.",
    )  # fmt: skip
    VALUE = (
        "ECS203", "wrong-value", "A value has the wrong type or form",
        "A string where a number belongs, a name outside of the list of choices, a range that is not a range.",
    )  # fmt: skip
    HEADER = (
        "ECS204", "wrong-header", "apiVersion, stack, region or account is missing or wrong",
        "These four say which language the file is in, and whose resources it describes.",
    )  # fmt: skip
    NAME = (
        "ECS205", "invalid-name", "A name cannot be used",
        "Names of resources, outputs and variables start with a letter or `_`; some are reserved by expressions.",
    )  # fmt: skip
    ENVIRONMENT = (
        "ECS206", "environment", "The environments of the stack are wrong, or none is chosen",
        "Each environment is a mapping that is laid over the stack, or the path of a file with one.",
    )  # fmt: skip
    LIFECYCLE = (
        "ECS207", "lifecycle", "A lifecycle setting is wrong",
        "Lifecycle settings are fixed words and numbers, and differ by kind.",
    )  # fmt: skip
    MOVED = (
        "ECS208", "moved-or-released", "An entry of moved or released is wrong",
        "`from` is no longer declared, `to` is declared, and an address appears once.",
    )  # fmt: skip
    COUNT = (
        "ECS209", "count-or-for-each", "count or for_each is wrong",
        "They exclude each other, cannot depend on secrets, and have an upper limit.",
    )  # fmt: skip
    ADOPT = (
        "ECS210", "adopt", "An id to adopt is wrong",
        "adopt takes the id of an object of this kind; for a group, one id for each member.",
    )  # fmt: skip
    EXPRESSION = (
        "ECS301", "expression", "An expression ${…} fails",
        "It does not parse, uses a name or function that does not exist, or computes with values of the wrong type.",
    )  # fmt: skip
    VARIABLE = (
        "ECS302", "variable", "A variable is declared wrongly",
        "A variable is a mapping with type, default, allowed, pattern and secret.",
    )  # fmt: skip
    VARIABLE_VALUE = (
        "ECS303", "variable-value", "A variable has no value, or one that is not allowed",
        "Give it a default, or a value by --var, --var-file or ECSPLAN_VAR_NAME.",
    )  # fmt: skip
    UNUSED = (
        "ECS304", "unused", "A variable or local is never used",
        "Remove it, or use it.",
    )  # fmt: skip
    UNKNOWN_VARIABLE = (
        "ECS305", "unknown-variable", "A value is given for a variable that is not declared",
        "Usually a typing error in the command line, in a file of variables, or in the environment.",
    )  # fmt: skip
    SECRET = (
        "ECS306", "secret-in-file", "A secret stands where it could be read by others",
        "A secret comes from the environment or from a file with restricted permissions, never from the stack file.",
    )  # fmt: skip
    REFERENCE = (
        "ECS401", "unknown-reference", "A reference names nothing that is declared",
        "The message names the nearest resource, member or attribute.",
    )  # fmt: skip
    CYCLE = (
        "ECS402", "reference-cycle", "References form a cycle",
        "No order of creation exists; take one of the references away.",
    )  # fmt: skip
    DEPENDS_ON = (
        "ECS403", "depends-on", "An entry of depends_on is wrong",
        "depends_on is a list of addresses, such as [instance.web].",
    )  # fmt: skip
    PLAIN_REFERENCE = (
        "ECS404", "almost-a-reference", "A string is taken as a name of the cloud, and a resource has nearly that name",
        "Correct the spelling, or suppress the warning where the live object is meant.",
    )  # fmt: skip
    SAME_NAME = (
        "ECS501", "same-name", "Two resources of one kind have the same name in the cloud",
        "Names tell them apart in listings; give each its own.",
    )  # fmt: skip
    SAME_VALUE = (
        "ECS502", "same-value", "Two resources have a value that only one may have",
        "For example the same private address in one vSwitch.",
    )  # fmt: skip
    LIMIT = (
        "ECS503", "limit", "A value is beyond a limit of the service",
        "The limits are those of the service's documentation.",
    )  # fmt: skip
    NETWORK = (
        "ECS504", "network", "Addresses or ranges do not fit together",
        "A subnet lies inside its VPC, subnets do not overlap, an address lies inside its subnet.",
    )  # fmt: skip
    ZONE = (
        "ECS505", "zone", "Two resources that belong together are in different zones",
        "A machine, its subnet and its disks are in one zone.",
    )  # fmt: skip
    COMBINATION = (
        "ECS506", "combination", "Two attributes do not go together",
        "The message says which of them to remove.",
    )  # fmt: skip
    QUESTIONABLE = (
        "ECS507", "questionable", "The service may refuse this",
        "Its documents do not mention such a value.",
    )  # fmt: skip
    NOT_IN_CATALOGUE = (
        "ECS601", "not-in-catalogue", "The catalogue does not have the name",
        "The catalogue is part of ecsplan and has a date: a name may be newer. `ecsplan catalog` asks the cloud.",
    )  # fmt: skip
    MISFIT = (
        "ECS602", "misfit", "The catalogue says that two choices do not go together",
        "An instance type and a disk category, or an instance type and the architecture of an image.",
    )  # fmt: skip
    BAD_SUPPRESSION = (
        "ECS901", "bad-suppression", "A suppression has no reason, or names something that cannot be suppressed",
        "Write `# ecsplan:ignore ECS601 because REASON`. Only warnings can be suppressed.",
    )  # fmt: skip
    UNUSED_SUPPRESSION = (
        "ECS902", "unused-suppression", "A suppression suppresses nothing",
        "What it was written for is gone: remove the comment.",
    )  # fmt: skip

    @property
    def id(self) -> str:
        return self.value[0]

    @property
    def slug(self) -> str:
        return self.value[1]

    @property
    def title(self) -> str:
        return self.value[2]

    @property
    def explanation(self) -> str:
        return self.value[3]

    @property
    def anchor(self) -> str:
        """The page of this rule, from the root of the documentation."""
        return f"reference/rules.md#{self.id.lower()}"


BY_ID = {rule.id: rule for rule in Rule}
