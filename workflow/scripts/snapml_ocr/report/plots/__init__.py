"""Plots as SVG that follow the page: its font, its dark and light colours."""
