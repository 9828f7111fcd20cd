"""The tutorial's model: its own features and recipe, and the predictions that its author published."""
