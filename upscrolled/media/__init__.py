"""Media that people send: what a file is, and what is made of it to be served."""
