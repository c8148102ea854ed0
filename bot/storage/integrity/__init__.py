"""Sealed at rest, and any edit from outside seen: encryption, the chain of events, membership digest, verification."""
