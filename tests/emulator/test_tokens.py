"""ClientTokens: the same answer, a mismatch, in progress, and being forgotten."""

from __future__ import annotations

import pytest

from ecsplan.emulator import tokens
from ecsplan.emulator.tokens import Tokens
from ecsplan.emulator.wire import Refusal


def test_a_token_answers_again_until_it_is_forgotten() -> None:
    store = Tokens()
    assert store.claim("k", "d", 0.0) is None
    with pytest.raises(Refusal, match="LastTokenProcessing"):
        store.claim("k", "d", 1.0)
    store.settle("k", {"DiskId": "d-1"}, 1.0)
    assert store.claim("k", "d", 2.0) == {"DiskId": "d-1"}
    with pytest.raises(Refusal, match="IdempotentParameterMismatch"):
        store.claim("k", "other", 2.0)
    assert store.claim("k", "other", 2.0 + tokens.REMEMBERED) is None


def test_old_tokens_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CROWD", 3)
    store = Tokens()
    for n in range(3):
        store.claim(f"k{n}", "d", 0.0)
        store.settle(f"k{n}", {}, float(n))
    store.dirty.clear()
    store.claim("new", "d", tokens.REMEMBERED + 1.5)
    assert set(store.entries) == {"k2", "new"}
    assert store.dirty == {"k0", "k1"}
