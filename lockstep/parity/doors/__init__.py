"""The suite through other protocols: each writes rows in its forms, and reads predictions back."""
