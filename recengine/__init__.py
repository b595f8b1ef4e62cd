"""Merchlens' recommendation engine. Importing it loads no torch, transformers, shap or streamlit."""

__version__ = "0.1.0"
