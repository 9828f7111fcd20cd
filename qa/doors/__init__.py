"""Every door, asked by the clients and servers that people already have: each double has the bits of the evaluation."""
