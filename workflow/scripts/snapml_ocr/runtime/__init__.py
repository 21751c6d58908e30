"""One interface over ONNX Runtime and Paddle Inference."""
