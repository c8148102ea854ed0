"""Words for what happened."""
