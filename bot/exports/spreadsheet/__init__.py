"""The report as Excel and CSV tables."""
