"""Documents and pictures drawn by typst."""
