"""Labels: what waits, what was handed to a printer, what a scan has proved; printing and printing again."""
