"""New versions of a data set: what is changed, and how the files of the old one are shared."""
