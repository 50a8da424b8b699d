"""Messages to people: DingTalk, Feishu, WeCom, Slack, any webhook, and e-mail.

`schema` and `channels` are the file that says where, `wording` makes the text of a channel of notices, `forms` and
`signing` the request, `sending` sends it. A message that cannot be sent never fails a run.
"""
