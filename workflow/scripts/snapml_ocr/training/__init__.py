"""Fine-tune an ONNX recognizer: run it as a Paddle program, train its weights, write them back."""
