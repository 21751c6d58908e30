"""ONNX files from anywhere: read with one set of checks, written, and brought into one spelling."""
