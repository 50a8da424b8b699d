"""Ctrl-C at every boundary, once and twice: no new call, an honest report, and a re-run that converges."""
