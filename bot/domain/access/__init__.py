"""Who may see and do what: permissions, need-to-know, redaction, the partner version."""
