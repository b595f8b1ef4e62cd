"""What several models are made of: families of scores, searches inside a fit, models inside a model."""
