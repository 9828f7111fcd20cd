"""Reading pickles: which names they may ask for, what they may do with them, and what may come out."""
