"""A snapshot as a document to hand on: PDF for the board and the file, a workbook, a ZIP of CSV. Holds no persons."""
