"""Blocks that can be folded, in texts that are whole and half written."""

from ecsplan.engine.editing.folding import folds

TEXT = """\
apiVersion: ecsplan/v1
resources:
  vpc:
    # the network
    main: {cidr_block: 10.0.0.0/16}

  security_group:
    web:
      ingress:
      - {protocol: tcp}
      - protocol: udp
        ports: 53
  # the end
moved:
"""


def test_blocks_end_with_their_last_line_that_says_something() -> None:
    assert list(folds(TEXT)) == [(1, 11), (2, 4), (6, 11), (7, 11), (8, 11), (10, 11)]


def test_a_text_that_is_half_written_has_blocks_too() -> None:
    assert list(folds("resources:\n  vpc: {\n    main:\n")) == [(0, 2), (1, 2)]
    assert not list(folds("")) and not list(folds("a: 1\nb: 2\n"))
