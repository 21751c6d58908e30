"""Honest timing of one runnable model."""
