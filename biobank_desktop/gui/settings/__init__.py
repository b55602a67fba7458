"""Settings: database, people, printers, backup, this bench, scanner."""
