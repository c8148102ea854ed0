"""What is taken away: a report or a line of events as a file, one format a module."""
