"""What stands at each place: one message, and how a reply to it is handled."""
