"""Negotiation readiness: what a delegation must have settled before talks begin."""
