"""The loop without Kubernetes: a Git branch is watched, and every stack in it is planned, applied and reported.

`core` decides, and is pure; `settings` is the file that says how; `checkout` follows the branch with Git, `runner`
plans and applies one stack, `book` remembers, `loop` is the process around them, `web` and `metrics` are what it shows.
"""
