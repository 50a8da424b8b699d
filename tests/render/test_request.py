"""The body of a pull request that accepts drift: within the limit, with what others named as text."""

from ecsplan.model.address import Address
from ecsplan.model.drift import Drift, DriftFinding, Moved
from ecsplan.render.drift import drift_view
from ecsplan.render.request import request_body, request_title

HOSTILE = "<!-- x --> @all [a](http://b) `c`"


def test_names_stay_text_and_the_body_fits() -> None:
    found = tuple(
        DriftFinding(Address("vpc", f"n{n}"), Moved.DELETED, f"vpc-{n}", detail=HOSTILE) for n in range(2_000)
    )
    view = drift_view(Drift("shop", "cn-hangzhou", "1234567890123456", found, ()))
    names = [f"vpc.n{n}.{HOSTILE}" for n in range(2_000)]
    body = request_body(view, names, [(name, HOSTILE) for name in names], "javascript:alert(1)", 65_536)
    assert len(body) <= 65_536 and "@all" not in body and "javascript" not in body and "<!--" not in body
    assert "left out" in body and len(request_title(view)) <= 200
