"""Many stacks on many machines: `order` decides what is handed out, and is pure; `work` is what a worker does.

Workers read the stacks, the plans and the journals in folders that all machines share, and take their credentials from
their own environment: nothing secret travels.
"""
