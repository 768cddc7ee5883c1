output "vpc_id" {
  description = "The VPC."
  value       = local.vpc_id
}

output "public_subnet_ids" {
  description = "Subnets with a route to the internet, one per zone."
  value       = local.made ? [for key in keys(local.zones) : aws_subnet.public[key].id] : var.existing.public_subnet_ids
}

output "private_subnet_ids" {
  description = "Subnets that nothing reaches from outside, one per zone."
  value       = local.private_subnet_ids
}
