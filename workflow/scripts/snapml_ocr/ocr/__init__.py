"""Images to text: pre- and post-processing, the reader, drawing."""
