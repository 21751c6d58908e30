"""Accuracy protocols, labels, and parity between two runnable models."""
