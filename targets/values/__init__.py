"""Values from files into observations: copied in bulk, checked as sets, versioned, atomic."""
