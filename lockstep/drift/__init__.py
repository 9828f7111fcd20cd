"""What a model has been worth since its evaluation: newer bars, its forecasts of them, and what came true."""
