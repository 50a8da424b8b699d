"""A local Alibaba Cloud ECS: the wire, an account, statuses that move, and faults on demand.

It imports nothing of the rest of ecsplan and only the standard library, so it can be used by any project.
"""
