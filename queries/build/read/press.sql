-- Has what lies in memory compressed.
checkpoint memory
