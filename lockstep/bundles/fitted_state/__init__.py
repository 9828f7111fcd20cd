"""What the compiled code of scikit-learn believes without looking: each family checks its own fitted state."""
