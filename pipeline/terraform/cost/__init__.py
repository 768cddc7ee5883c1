"""What an environment costs in a month, estimated from Terraform's plan and a small dated price table."""
