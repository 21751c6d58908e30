"""Paddle to ONNX, fixed shapes, simplification."""
