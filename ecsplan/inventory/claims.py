"""Who else seems to own an object that no stack claims: told by tags. Pure; used by unmanaged.py."""

from collections.abc import Mapping

from ecsplan.model.kind import Raw

# The beginning of a tag key → the tool that writes such keys.
PREFIXES = (
    ("acs:ros:", "ROS"),
    ("acs:autoscaling:", "Auto Scaling"),
    ("ack.aliyun.com", "ACK"),
    ("ack.alibabacloud.com", "ACK"),
    ("k8s.aliyun.com", "ACK"),
    ("kubernetes.do.not.delete", "ACK"),
    ("kubernetes.io/", "Kubernetes"),
    ("acs:emr:", "EMR"),
    ("acs:oos:", "OOS"),
    ("acs:bpstudio:", "BPStudio"),
    ("pulumi:", "Pulumi"),
    ("crossplane-", "Crossplane"),
    ("ecsplan:", "ecsplan"),  # tags that this version cannot read
)
# These make and end their objects by themselves: what a person declares of one is undone.
RUN_BY_THEMSELVES = ("ROS", "Auto Scaling", "ACK", "Kubernetes", "EMR", "Crossplane", "a cloud service")
# Keys whose value names the tool: `managed-by: terraform`.
_TELLING = ("managedby", "createdby", "provisionedby", "provisioner", "iac")
_NAMES = {"terraform": "Terraform", "opentofu": "OpenTofu", "pulumi": "Pulumi", "ansible": "Ansible"}


def claimed(tags: Mapping[str, str], raw: Raw) -> tuple[str, str]:
    """The tool and what shows it; two empty texts for what nobody seems to own."""
    for key in sorted(tags):
        tool = _by_key(key.lower()) or _by_value(key, tags[key])
        if tool:
            return tool, f"{key}={tags[key]}" if tags[key] else key
    if raw.get("ServiceManaged") == 1:
        return "a cloud service", f"managed by {raw.get('ServiceID') or 'the service that made it'}"
    return "", ""


def _by_key(key: str) -> str:
    if key in _NAMES or key.partition(":")[0] in _NAMES:
        return _NAMES[key.partition(":")[0]]
    return next((tool for prefix, tool in PREFIXES if key.startswith(prefix)), "")


def _by_value(key: str, value: str) -> str:
    if "".join(filter(str.isalnum, key.lower())) not in _TELLING or not value:
        return ""
    known = next((name for word, name in _NAMES.items() if word in value.lower()), "")
    return known or value
