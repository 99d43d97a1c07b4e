"""The command line of volseg: one command a file; parse, call one library function, print."""
