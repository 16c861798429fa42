"""Cookies of the company's sites: what each is declared to be, what scans have seen, and where the two differ.

A value of a cookie is never kept, nor is the file of a scan. Nothing is unwritten: an entry that was wrong is corrected
by another that names it, and a scan that was wrong is set aside.
"""
