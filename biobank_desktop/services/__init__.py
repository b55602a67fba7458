"""One module per subject, one function per gesture; each is one command in one transaction."""
