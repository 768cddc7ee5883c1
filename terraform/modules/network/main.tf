data "aws_availability_zones" "available" {
  count = local.creates_vpc ? 1 : 0

  state = "available"

  # Zones without Fargate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
  exclude_zone_ids = ["apne1-az3", "cac1-az3", "cnn1-az3", "usw1-az2"]

  # Neither have local zones and Wavelength zones.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "zones asks for more availability zones than the region has: set zones = 2."
    }
  }
}

locals {
  creates_vpc = var.existing == null
  # The keys are numbers, so that a new order of the zones' names does not replace a subnet.
  zones = {
    for index in range(local.creates_vpc ? var.zones : 0) :
    tostring(index) => length(var.zone_names) > 0 ? var.zone_names[index] : data.aws_availability_zones.available[0].names[index]
  }
  nat_zones = { for key, zone in local.zones : key => zone if var.nat == "per_zone" || (var.nat == "single" && key == "0") }

  used_zones              = slice(keys(local.zones), 0, min(coalesce(var.used_zones, var.zones), length(local.zones)))
  created_subnet_ids      = [for key in local.used_zones : aws_subnet.private[key].id]
  created_route_table_ids = [for key in keys(local.zones) : aws_route_table.private[key].id]

  vpc_id                  = local.creates_vpc ? aws_vpc.this[0].id : var.existing.vpc_id
  private_subnet_ids      = local.creates_vpc ? local.created_subnet_ids : var.existing.private_subnet_ids
  private_route_table_ids = local.creates_vpc ? local.created_route_table_ids : var.existing.private_route_table_ids
}

resource "aws_vpc" "this" {
  count = local.creates_vpc ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# The default security group allows all traffic between its members: remove its rules, so that nothing uses it by mistake.
resource "aws_default_security_group" "this" {
  count = local.creates_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-unused" }
}

resource "aws_internet_gateway" "this" {
  count = local.creates_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.value
  cidr_block        = var.subnet_cidrs == null ? cidrsubnet(var.cidr, 4, tonumber(each.key)) : var.subnet_cidrs.public[tonumber(each.key)]

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.value
  cidr_block        = var.subnet_cidrs == null ? cidrsubnet(var.cidr, 4, 8 + tonumber(each.key)) : var.subnet_cidrs.private[tonumber(each.key)]

  tags = { Name = "${var.name}-private-${each.key}" }
}
