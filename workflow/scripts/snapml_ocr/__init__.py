"""PaddleOCR models to SnapML, and the proof that nothing was lost on the way."""
