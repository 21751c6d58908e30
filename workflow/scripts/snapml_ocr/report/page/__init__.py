"""The pages: templates, style and how they are filled."""
