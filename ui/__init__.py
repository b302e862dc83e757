"""What the pages share: services, state, forms and panels. Knows Streamlit."""
