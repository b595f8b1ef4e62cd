"""Merchandising rules: what they are, which items they mean, and how they read as sentences."""
