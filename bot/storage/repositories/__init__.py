"""What a unit of work can do, one family of tables a module."""
