"""What people ask of the places of the floor, and which of them they may see."""
