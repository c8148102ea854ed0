"""The history of the tables. A package, so that a wheel carries it."""
