"""Taking a run along: as a program that anybody can run, and as an archive to be opened again."""
