"""Health gates: looks at a machine (probes.py, cloud.py), and what many looks together mean (judging.py)."""
