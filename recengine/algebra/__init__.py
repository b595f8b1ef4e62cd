"""Sparse and dense linear algebra that the closed-form models stand on."""
