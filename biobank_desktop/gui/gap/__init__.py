"""What a restore may have left out, read and signed for by two persons."""
