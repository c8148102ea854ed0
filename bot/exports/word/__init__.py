"""The report and blank forms as Word documents."""
