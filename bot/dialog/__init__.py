"""The conversation: every place a person can stand at, and every word they are shown.

Modules follow the order in which people meet them: `home`, `opening`, `walk`,
`tables` and `rows` (answering), `evidence`, `leading` (summary, gaps, waivers), `team`, `takeaway`.
"""
