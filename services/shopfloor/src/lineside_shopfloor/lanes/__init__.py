"""A lane as work goes over it: taken, freed, maintained; work orders are ids here."""
