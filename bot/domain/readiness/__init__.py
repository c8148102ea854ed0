"""Gaps and the verdict: rules, gates, waivers, unknowns, the shortest path to a state."""
