"""What rewrite rules are built from: shapes and constants, scale and shift, layouts, new weights."""
