"""The Explore page: bringing images in, looking at them, and what is wrong with them."""
