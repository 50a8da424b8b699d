"""The reliability sweeps: the whole engine and the real client against the emulator, in one process, in virtual time.

    pytest tests/survival -n 2                          the sizes that every test run has
    ECSPLAN_SWEEP=full pytest tests/survival -n 2       the sizes behind the figures in the README

Each sweep prints one line at the end: how many cases, from which seeds, how many violations. A failing case names
itself (scenario, call, boundary, seed); `-k` and the case's own words run it again alone, and it takes the same path,
because nothing here depends on threads, on the wall clock or on chance that has no seed.

What is checked, on the emulator's account after every call (invariants.py):

    I1  at most one live resource per stack, address and member (parts and retired objects aside)
    I2  every live resource that was made carries the ownership tags, or is part of one that does
    I3  no write reaches a resource without this stack's tags, except adoption and what the stack names by id
    I4  a complete report only where a fresh plan is empty
    I5  every delete was in the approved plan
    I6  every run ends within its deadline

test_invariants.py shows each of them to catch a bug that was planted for it.
"""
