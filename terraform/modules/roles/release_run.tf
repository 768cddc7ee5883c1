data "aws_iam_policy_document" "release_run" {
  # `tandem run`: one task of a released revision, which it may stop again.
  statement {
    sid       = "Run"
    actions   = ["ecs:RunTask"]
    resources = ["arn:${local.partition}:ecs:${local.prefix}:task-definition/${var.release.run_family}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:${local.partition}:ecs:${local.prefix}:cluster/${var.release.cluster_name}"]
    }
  }

  statement {
    sid       = "EndRun"
    actions   = ["ecs:StopTask"]
    resources = ["arn:${local.partition}:ecs:${local.prefix}:task/${var.release.cluster_name}/*"]
  }
}
