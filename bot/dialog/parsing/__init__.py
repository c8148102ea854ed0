"""Typed text read as values, dates and rows."""
