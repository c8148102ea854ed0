"""One report of a negotiation, which every export shows."""
