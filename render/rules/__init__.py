"""Fargate's rules by topic; each module lists its rules in RULES."""
