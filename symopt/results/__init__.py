"""What the questions answer with: evidence, one dataclass for each kind of answer, tables of cases, worked answers."""
