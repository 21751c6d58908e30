"""Find out what a model is from its files, and write its entry of the catalogue."""
