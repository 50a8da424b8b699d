"""Two appliers of one stack in random interleavings: one wins, the other stops clearly or finds nothing to do."""
