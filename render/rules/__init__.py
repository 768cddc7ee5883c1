"""Fargate's rules by topic; each module lists its own in RULES."""
