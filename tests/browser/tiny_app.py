"""A page small enough to know everything about: the harness is tested against it."""

import time

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

st.title("Tiny")
if st.button("Count slowly"):
    time.sleep(1.0)
    st.session_state["count"] = st.session_state.get("count", 0) + 1
st.write(f"Count: {st.session_state.get('count', 0)}")
if st.button("Break the page"):
    raise ValueError("broken on purpose")
if st.button("Ask a foreign host"):
    st.markdown("![a picture](http://merchlens.invalid/picture.png)")
st.plotly_chart(go.Figure(go.Bar(x=["a", "b"], y=[1, 2])), key="bars")
st.dataframe(pd.DataFrame({"item": ["白色挂心灯", "lantern"], "price": [2.55, 3.39]}))
