"""One file a revision, each made by hand and tested against `tables.py`."""
