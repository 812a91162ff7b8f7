"""The panel: what moderators work with. Screens of our own, inside Django's admin as Unfold dresses it (adr/0022)."""
