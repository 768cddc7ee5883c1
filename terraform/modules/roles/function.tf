resource "aws_iam_role" "function" {
  name                 = "${var.name}-function"
  description          = "The API function runs with it"
  assume_role_policy   = data.aws_iam_policy_document.trust["function"].json
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${var.function_log_group_arn}:*"]
  }

  statement {
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"] # takes no resource
  }

  # Lambda checks that the role has these before it creates the network interfaces; none of them takes a resource.
  dynamic "statement" {
    for_each = var.function_in_vpc ? [true] : []

    content {
      sid = "Network"
      actions = [
        "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.database_user_arn == null ? [] : [var.database_user_arn]

    content {
      sid       = "Database"
      actions   = ["rds-db:connect"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "function"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}
