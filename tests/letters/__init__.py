"""Tests of letters to whoever asks."""
