"""Several versions behind one address: each is proven by itself, and how the answers are shared between them."""
