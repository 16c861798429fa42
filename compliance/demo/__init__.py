"""The demo company: invented exports in the shapes that real systems give, with every status and defect by design."""
