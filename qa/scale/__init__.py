"""What a service costs as it grows: what is measured, the capacity model made of it, and what many processes share."""
