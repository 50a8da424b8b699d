"""The sites where repositories live and changes are reviewed: GitHub, GitLab, Gitea and Forgejo, Gitee, Codeup.

`place` finds out which change a run is for, `sticky` which comment is ours and what it is to say, `http` sends; each
site has a file. Wire facts: the REST documentation of each site.
"""
