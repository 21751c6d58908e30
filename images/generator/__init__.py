"""The sample images: painted flat things, put in front of a pinhole camera, developed like photographs."""
