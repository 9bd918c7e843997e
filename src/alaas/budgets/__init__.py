"""Budget managers: take an item of a stream or let it go, at once, and keep to a share of what arrives.

One file each, found by file name or by the entry point group ``alaas.budgets``.
"""

from alaas.budgets._base import BudgetManager
from alaas.budgets._build import build, registry
from alaas.budgets._gate import Gate
from alaas.budgets._ledger import Ledger, Terms

__all__ = ["BudgetManager", "Gate", "Ledger", "Terms", "build", "registry"]
