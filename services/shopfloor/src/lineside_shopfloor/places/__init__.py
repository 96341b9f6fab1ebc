"""Plants, departments and lanes as people maintain them, and what the floor keeps of others."""
