"""The forms of names and strings, by the documents of the service; rows of limits refer to these. Used by
_limits.py.
"""

from ecsplan.model.limits import Length

LETTERS = (  # those of most scripts, in a form that all regular expressions read alike
    "A-Za-z\u00c0-\u024f\u0370-\u1fff\u2c00-\u2fef\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u9fff"
    "\ua000-\ud7ff\uf900-\ufaff"
)
_MALFORMED = (" leading", "web group", "web(prod)", "web/prod", "1web", "-web", "http://x", "网 站")
_SIGNS = "letters, digits, ':', '_', '.' and '-'"
_WEB = "that does not start with http:// or https://"


def _name(
    signs: str, says: str, *, right: str, low: int = 2, not_first: str = "", wrong: tuple[str, ...] = ()
) -> Length:
    """A name of these signs that starts with a letter."""
    form = f"^{not_first}[{LETTERS}][{LETTERS}0-9{signs}-]*$"
    return Length(low, 128, form, f"a name of {low} to 128 {says}", (right, "网站-1"), (*_MALFORMED, *wrong))


NAME = _name(":_.", f"{_SIGNS} that starts with a letter", right="web-1_a.b:c")
NO_DOT = _name(
    ":_", "letters, digits, ':', '_' and '-' that starts with a letter", right="web-1:c", wrong=("web.prod",)
)
NOT_AUTO = _name(":_.", f"{_SIGNS} that starts with a letter, but not with auto", not_first="(?!auto)",
                 right="web-1.b:c", wrong=("auto-1",))  # fmt: skip
OF_IMAGE = _name(":_.", f"{_SIGNS} that starts with a letter, but not with acs: or aliyun", not_first="(?!acs:|aliyun)",
                 right="web-1.b:c", wrong=("acs:web", "aliyun-web"))  # fmt: skip
OF_EIP = _name("_.", "letters, digits, '_', '.' and '-' that starts with a letter", low=1, right="a", wrong=("a:b",))

OF_NETWORK = Length(1, 128, "^(?!https?://)", f"a name of 1 to 128 characters {_WEB}", ("Blue / net", "1"),
                    ("http://x", "https://x"))  # fmt: skip
DESCRIPTION = Length(2, 256, "^(?!https?://)", f"a string of 2 to 256 characters {_WEB}", ("1 of 2",), ("http://x",))
OF_INTERFACE = Length(2, 255, "^(?!https?://)", f"a string of 2 to 255 characters {_WEB}", ("1 of 2",), ("http://x",))
ONE_OR_MORE = Length(1, 256, "^(?!https?://)", f"a string of 1 to 256 characters {_WEB}", ("1",), ("http://x",))
OF_ADDRESS = Length(2, 256, f"^(?!https?://)[{LETTERS}]", "a string of 2 to 256 characters that starts with a letter, "
                    "and not with http:// or https://", ("front door",), ("1st", "http://x"))  # fmt: skip
TAG_KEY = Length(1, 128, r"^(?!aliyun|acs:|ecsplan:)(?![\s\S]*https?://)", "a tag key of 1 to 128 characters that does "
                 "not start with aliyun, acs: or ecsplan: and has no http:// in it", ("team", "业务: a/b", "k"),
                 ("aliyun-x", "acs:x", "http://k", "see https://k"))  # fmt: skip
TAG_VALUE = Length(0, 128, r"^(?![\s\S]*https?://)", "a tag value of at most 128 characters without http:// in it",
                   ("", "网站: a/b"), ("http://x", "see https://git.example.com"))  # fmt: skip
VPC_TAG_VALUE = Length(0, 128, r"^(?!aliyun|acs:)(?![\s\S]*https?://)", "a tag value of at most 128 characters that "
                       "does not start with aliyun or acs: and has no http:// in it", ("", "网站: a/b"),
                       ("http://x", "see https://git.example.com", "acs:x", "aliyun"))  # fmt: skip
HOST = Length(2, 64, r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$", "a host name of 2 to 64 letters and digits, with single '.' "
              "and '-' between them", ("web-1.shop", "a1"),
              ("-web", "web.", "we--b", "we..b", "we.-b", "we_b", "网站"))  # fmt: skip
