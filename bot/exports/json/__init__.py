"""A whole negotiation as JSON, out and in again."""
