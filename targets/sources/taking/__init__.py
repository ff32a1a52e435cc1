"""What a run brings beside what is known: written, held for a coordinator, or left out."""
