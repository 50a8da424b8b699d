"""`${…}` in texts, and the values that it may name. Above syntax/, below resources/."""
