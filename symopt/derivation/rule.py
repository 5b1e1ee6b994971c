"""What a rule of derivation is: what it says, how it is worded, and how far it can be trusted.

`formula` states the rule for a reader of the code. `phrase` is its reason in a worked answer: what can stand after
"by", or else begins with "because", "as" or "along". `readable` says whether a student can follow it by hand; opaque
steps are named "by computer algebra". `trust` says how far its check goes: "checked" is verified by the checker,
"recomputed" is deterministic algebra run again, "trusted" is the word of a decision procedure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TRUST: Final = ("checked", "recomputed", "trusted")  # from the strongest to the weakest


@dataclass(frozen=True)
class Rule:
    """A rule of derivation: its name, its formula, its wording, and how far it can be trusted."""

    name: str
    formula: str
    phrase: str
    readable: bool = True
    trust: str = "checked"
