"""Tandem's pipeline: build, render, release, watch and record."""
