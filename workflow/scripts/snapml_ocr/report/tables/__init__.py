"""The numbers of the report as tables: what a page shows and a CSV file holds."""
