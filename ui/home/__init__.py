"""The Home page: what flattening does to one picture."""
