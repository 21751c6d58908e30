"""Tables, plots and pages from JSON."""
