"""Names of regions: what may be one, which are known, what a misspelt one may have meant; their value type. Pure."""

import re

from ecsplan.model.diagnostic import Hint
from ecsplan.model.quoting import shown
from ecsplan.model.values import Mistake, Text

# No dot, no slash, no @: a region becomes part of a host name that signed requests go to.
PATTERN = r"^[a-z]{2,8}(-[a-z0-9]{1,16}){1,4}$"
# DescribeRegions of both sites, and the finance, gov and edge regions of the SDKs' endpoint tables.
_NAMES = (
    "cn-qingdao cn-beijing cn-zhangjiakou cn-huhehaote cn-wulanchabu cn-hangzhou cn-shanghai cn-nanjing cn-fuzhou"
    " cn-wuhan cn-wuhan-lr cn-shenzhen cn-heyuan cn-guangzhou cn-chengdu cn-hongkong cn-zhengzhou-jva cn-zhongwei"
    " ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-5 ap-southeast-6"
    " ap-southeast-7 ap-south-1 us-east-1 us-west-1 us-southeast-1 na-south-1 eu-west-1 eu-central-1 me-east-1"
    " me-central-1 cn-beijing-finance-1 cn-hangzhou-finance cn-shanghai-finance-1 cn-shenzhen-finance-1"
    " cn-north-2-gov-1 cn-beijing-gov-1 cn-heyuan-acdr-1 cn-edge-1"
)
KNOWN = frozenset(_NAMES.split())


def is_region(text: str) -> bool:
    return re.fullmatch(PATTERN.removesuffix("$"), text) is not None


def misspelt(text: str) -> str | None:
    """The known region that an unknown one is one slip of the keyboard away from.

    A new region is no slip: it differs in its number, or goes on where a known one ends.
    """
    if text in KNOWN:
        return None
    near = [known for known in sorted(KNOWN) if _is_one_slip(text, known)]
    is_new = any(_without_numbers(text) == _without_numbers(known) for known in KNOWN)
    return near[0] if near and not is_new else None


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _is_one_slip(text: str, known: str) -> bool:
    """One letter put in, left out, changed, or two changed about; the part before the first `-` is as it is."""
    start = _same(text, known)
    one, other = text[start:], known[start:]
    rest = (
        one[1:] == other,
        one == other[1:],
        one[1:] == other[1:],
        one[:2] == other[:2][::-1] and one[2:] == other[2:],
    )
    return any(rest) and start > known.index("-")


def _same(one: str, other: str) -> int:
    """How many letters both begin with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class Region(Text):
    """A region; anything else would choose the host that requests go to."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(3, 64, PATTERN, "a region like cn-hangzhou")

    def parse(self, value: object) -> str:
        region = super().parse(value)
        meant = misspelt(region)
        if meant:
            raise Mistake(f"there is no region {shown(region)}", Hint(f"did you mean {meant}?", str(region), [meant]))
        return region
