# The statements of the project's owner, in managed policies: the inline policies of a role share 10,240 characters.
locals {
  statements = {
    for user, statements in { app = var.statements.app, api = var.statements.api } : user => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for sid, statement in statements : merge(
          { Sid = sid, Effect = "Allow", Action = sort(statement.actions), Resource = sort(statement.resources) },
          length(statement.conditions) == 0 ? {} : { Condition = {
            for test in distinct(statement.conditions[*].test) : test => {
              for condition in statement.conditions : condition.variable => condition.values if condition.test == test
            }
          } },
        )
      ]
    })
  }
  has_statements = { app = length(var.statements.app) > 0, api = length(var.statements.api) > 0 }

  # The API has the same statements on both runtimes.
  statement_roles = merge(
    local.has_statements["app"] ? { app = { role = aws_iam_role.task.name, user = "app" } } : {},
    local.has_statements["api"] ? { api = { role = aws_iam_role.api_task.name, user = "api" } } : {},
    local.has_statements["api"] ? { function = { role = aws_iam_role.function.name, user = "api" } } : {},
  )
}

resource "aws_iam_policy" "statements" {
  for_each = { for user, has_statements in local.has_statements : user => local.statements[user] if has_statements }

  name        = "${var.name}-${each.key}"
  description = "What the code of the ${each.key} may do"
  path        = var.path
  policy      = each.value

  lifecycle {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "statements.${each.key} has ${length(each.value)} characters; a policy of IAM has at most 6144: name fewer actions and resources, or use wildcards in them."
    }
  }
}

resource "aws_iam_role_policy_attachment" "statements" {
  for_each = local.statement_roles

  role       = each.value.role
  policy_arn = aws_iam_policy.statements[each.value.user].arn
}
