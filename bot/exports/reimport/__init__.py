"""Edited spreadsheets read back as proposed changes."""
