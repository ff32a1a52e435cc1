"""Many reporters at once on the whole site, and what is left when its processes are killed."""
