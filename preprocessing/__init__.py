"""From price bars to features: the code that training and serving share."""
