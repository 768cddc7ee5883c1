mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }
}

run "what_a_release_may_do_is_named_in_the_regions_own_partition" {
  command = plan

  assert {
    condition = alltrue([
      for statement in concat(
        data.aws_iam_policy_document.release_tasks.statement,
        data.aws_iam_policy_document.release_run.statement,
        data.aws_iam_policy_document.release_function.statement,
      ) :
      alltrue([for arn in statement.resources : !startswith(arn, "arn:aws:ecs") && !startswith(arn, "arn:aws:lambda") && !startswith(arn, "arn:aws:events") && !startswith(arn, "arn:aws:application-autoscaling") && !startswith(arn, "arn:aws:cloudwatch")])
    ])
    error_message = "a statement names a resource of another partition"
  }

  assert {
    condition     = contains(data.aws_iam_policy_document.release_data.statement[0].resources, "arn:aws-cn:s3:::${var.release.state_bucket}/release.tfstate")
    error_message = "the state is in another partition"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_tasks.statement : statement.resources if statement.sid == "ScalingRole"]) == toset(["arn:aws-cn:iam::${var.account_id}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"])
    error_message = "the service-linked role is another partition's"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.release_verify.statement : statement.resources if statement.sid == "Dashboard"]) == toset(["arn:aws-cn:cloudwatch::${var.account_id}:dashboard/${var.release.dashboard_name}"])
    error_message = "the dashboard is another partition's"
  }
}

run "a_key_is_used_through_chinas_own_host_names" {
  command = plan

  variables {
    kms_key_arn         = "arn:aws-cn:kms:cn-north-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    task_secret_arns    = ["arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbCdEf"]
    secret_kms_key_arns = ["arn:aws-cn:kms:cn-north-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
    reads_releases = {
      bucket_arn   = "arn:aws-cn:s3:::t-releases"
      prefix       = "prod/"
      table_arn    = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t-records"
      function_arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:t-api"
    }
  }

  assert {
    condition = alltrue([
      for statement in concat(
        data.aws_iam_policy_document.release_key[0].statement,
        data.aws_iam_policy_document.secret_keys["execution"].statement,
        [for each in data.aws_iam_policy_document.reads_releases[0].statement : each if contains(each.actions, "kms:Decrypt")],
      ) :
      alltrue([for condition in statement.condition : alltrue([for host in condition.values : endswith(host, ".amazonaws.com.cn")])])
    ])
    error_message = "a key may be used through another partition's host names"
  }
}
