"""What happened over time: the causes of gaps, differences between two states, the trend."""
