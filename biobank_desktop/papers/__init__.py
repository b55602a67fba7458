"""What leaves the program on paper about consent: letters, and the chain of consent of one donor."""
