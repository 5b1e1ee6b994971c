"""What the questions answer with: evidence, a dataclass for each kind of answer, tables of cases."""
