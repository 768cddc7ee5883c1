data "aws_region" "current" {}

data "aws_vpc" "this" {
  count = var.endpoints && !local.creates_vpc ? 1 : 0

  id = var.existing.vpc_id
}

# ECR serves layers from S3. The gateway is free: layers pass no NAT gateway, which costs by the gigabyte.
resource "aws_vpc_endpoint" "s3" {
  count = local.creates_vpc || var.endpoints ? 1 : 0

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.current.id}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat(local.private_route_table_ids, aws_route_table.public[*].id)

  tags = { Name = "${var.name}-s3" }
}

data "aws_partition" "current" {}

locals {
  # Outside of the partition aws, ECR's names begin with the partition's own host name: https://github.com/aws/aws-cdk/pull/25333
  own = data.aws_partition.current.reverse_dns_prefix
  interfaces = {
    "ecr.api"      = local.own
    "ecr.dkr"      = local.own
    logs           = "com.amazonaws"
    secretsmanager = "com.amazonaws"
    ssm            = "com.amazonaws"
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.endpoints ? local.interfaces : {}

  vpc_id              = local.vpc_id
  service_name        = "${each.value}.${data.aws_region.current.id}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = local.private_subnet_ids
  security_group_ids  = [aws_security_group.endpoint[0].id]

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoint" {
  count = var.endpoints ? 1 : 0

  name        = "${var.name}-endpoint"
  description = "AWS services from within the VPC"
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-endpoint" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  count = var.endpoints ? 1 : 0

  security_group_id = aws_security_group.endpoint[0].id
  description       = "HTTPS from the VPC"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = local.creates_vpc ? var.cidr : data.aws_vpc.this[0].cidr_block
}
