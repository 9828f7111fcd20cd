"""What intervals are worth on series of somebody else, block by block, and what chance alone does to them."""
