output "vpc_id" {
  description = "ID of the VPC."
  value       = local.vpc_id
}

output "public_subnet_ids" {
  description = "Subnets with a route to the internet, one per zone."
  value       = local.creates_vpc ? [for key in local.used_zones : aws_subnet.public[key].id] : var.existing.public_subnet_ids
}

output "private_subnet_ids" {
  description = "Subnets without a route from the internet, one per zone."
  value       = local.private_subnet_ids
}
