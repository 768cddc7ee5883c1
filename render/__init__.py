"""Render task definitions and check them: pure, without boto3 and docker."""
