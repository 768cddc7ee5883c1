locals {
  has_file_system = var.api_file_system != null
  file_system_arn = local.has_file_system ? "arn:${local.partition}:elasticfilesystem:${var.region}:${local.account_id}:file-system/${var.api_file_system.id}" : null

  # https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
  file_system_statement = !local.has_file_system ? {} : {
    FileSystem = {
      actions   = concat(["elasticfilesystem:ClientMount"], var.api_file_system.read_only ? [] : ["elasticfilesystem:ClientWrite"])
      resources = [local.file_system_arn]
      conditions = [{
        test     = "StringEquals"
        variable = "elasticfilesystem:AccessPointArn"
        values   = [var.api_file_system.access_point_arn]
      }]
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "file_system" {
  count = local.has_file_system ? 1 : 0

  security_group_id            = aws_security_group.function.id
  description                  = "The file system"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = var.api_file_system.security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "file_system" {
  count = local.has_file_system ? 1 : 0

  security_group_id            = var.api_file_system.security_group_id
  description                  = "The API of ${local.prefix}"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.function.id
}
