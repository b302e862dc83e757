"""Single images: open, decode, preprocess, take apart."""
