"""This address on a server that nobody has visited yet; see docs/adr/0001-first-visit.md."""

import runpy

runpy.run_path("streamlit_app.py")
