"""The price files that people have: how they are written is found out and said, or refused with what settles it."""
