resource "aws_flow_log" "this" {
  count = var.flow_logs > 0 ? 1 : 0

  vpc_id          = aws_vpc.this[0].id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.flow[0].arn

  tags = { Name = var.name }
}

resource "aws_cloudwatch_log_group" "flow" {
  count = var.flow_logs > 0 ? 1 : 0

  name              = "/${var.name}/flow"
  retention_in_days = var.flow_logs
  kms_key_id        = var.kms_key_arn
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "flow_trust" {
  count = var.flow_logs > 0 ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "flow" {
  count = var.flow_logs > 0 ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
  }

  # It cannot be limited to one log group.
  # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
  statement {
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "flow" {
  count = var.flow_logs > 0 ? 1 : 0

  name                 = "${var.name}-flow"
  description          = "Writes the VPC's flow logs"
  assume_role_policy   = data.aws_iam_policy_document.flow_trust[0].json
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "flow" {
  count = var.flow_logs > 0 ? 1 : 0

  name   = "flow"
  role   = aws_iam_role.flow[0].id
  policy = data.aws_iam_policy_document.flow[0].json
}
