"""Everything that may import streamlit, beside the pages: shell, session, words, parts, charts."""
