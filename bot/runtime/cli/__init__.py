"""The command line: each command is imported when it is called, so that none waits for what others need."""
