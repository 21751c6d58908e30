"""What SnapML accepts: layer table, checker, rewrite rules, pass manager."""
