"""Use cases: one reply or one job in one transaction."""
