locals {
  token_arns = distinct([for each in [var.read_token, var.status_token] : each.secret_arn if each != null])

  read_variables = var.read_token == null ? {} : {
    READ_TOKEN = { value = var.read_token.secret_arn, type = "SECRETS_MANAGER" }
    READ_USER  = { value = var.read_token.user, type = "PLAINTEXT" }
    GIT_SERVER = { value = var.read_token.server, type = "PLAINTEXT" }
  }

  # The variables that `tandem` reads from every CI.
  status_names = {
    github = { token = "TANDEM_GITHUB_TOKEN", server = "GITHUB_SERVER_URL" }
    gitlab = { token = "TANDEM_GITLAB_TOKEN", server = "CI_SERVER_URL" }
  }
  status_variables = var.status_token == null ? {} : merge(
    { (local.status_names[var.status_token.service].token) = { value = var.status_token.secret_arn, type = "SECRETS_MANAGER" } },
    var.status_token.server == null ? {} : {
      (local.status_names[var.status_token.service].server) = { value = var.status_token.server, type = "PLAINTEXT" }
    },
  )
}
