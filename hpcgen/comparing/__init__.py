"""What differs between two stage graphs: in meaning, and in what has to be built again."""
