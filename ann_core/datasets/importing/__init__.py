"""From files that people have to a data set."""
