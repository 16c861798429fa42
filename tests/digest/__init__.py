"""Tests of what reaches readers outside the pages."""
