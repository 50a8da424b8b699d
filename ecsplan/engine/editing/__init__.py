"""Questions of an editor about a stack that is being written: pure functions of texts and positions.

Lines and columns count from 0 here, in code points; `Span`s are half open.
"""
