"""The pure centre: checklists, negotiations, gaps and readiness. No I/O, no clock."""
