variable "release" {
  description = "The resources that a release may change: the release role is allowed nothing else. `trusted` are the principals that may assume the role."
  type = object({
    trusted             = list(string)
    state_bucket        = string
    region              = string
    cluster_name        = string
    service_names       = list(string)
    families            = list(string)
    run_family          = string
    function_name       = string
    target_group_arns   = list(string)
    releases_bucket_arn = string
    records_table_arn   = string
    dashboard_name      = string
    # Whether there are certificates is known earlier than their ARNs.
    https            = optional(bool, false)
    certificate_arns = optional(list(string), [])
  })
  nullable = false

  validation {
    condition = length(var.release.trusted) > 0 && alltrue([
      for arn in var.release.trusted : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*?]+$", arn))
    ])
    error_message = "release.trusted must name at least one principal by ARN, without wildcards: a role, a user or the account's root."
  }

  validation {
    condition = !strcontains(join(" ", concat(
      var.release.service_names,
      var.release.families,
      [var.release.function_name, var.release.run_family, var.release.state_bucket, var.release.dashboard_name],
    )), "*")
    error_message = "release must name its resources without wildcards."
  }
}

variable "release_oidc" {
  description = "CI that may assume the release role without an access key, by the ARN of its OIDC provider: the audience and the subjects of its tokens, such as `repo:you/site:ref:refs/heads/main`."
  type        = map(object({ audience = optional(string, "sts.amazonaws.com"), subjects = list(string) }))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for arn in keys(var.release_oidc) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+", arn))
    ])
    error_message = "the keys of release_oidc must be ARNs of OIDC providers: arn:aws:iam::ACCOUNT:oidc-provider/HOST."
  }

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html: a provider issues tokens to everybody's CI.
  validation {
    condition = alltrue([for ci in values(var.release_oidc) : (
      length(ci.subjects) > 0 &&
      alltrue([for subject in ci.subjects : can(regex("^[^*?]+[:/][^*?:/]+[:/]", subject))])
    )])
    error_message = "release_oidc subjects must begin with the owner of the CI, such as repo:you/: a wildcard there would let anyone's CI release."
  }

  # repo:you/site:* includes pull requests, which may come from a fork; so does every wildcard before a branch's name.
  validation {
    condition = alltrue(flatten([for ci in values(var.release_oidc) : [
      for subject in ci.subjects : (
        !can(regex("(^|[:/])[*?]+$|:pull_request$", replace(subject, "/ref:refs/(heads|tags)/[*]$/", ""))) &&
        (!startswith(subject, "repo:") || can(regex("^repo:[^/:]+/[^:]+:(ref:refs/(heads|tags)/.|(environment|job_workflow_ref):[^*?])", subject)))
      )
    ]]))
    error_message = "release_oidc subjects must name a branch, a tag or an environment, such as repo:you/site:ref:refs/heads/main: repo:you/site:* would let every pull request release."
  }
}

variable "build_project_arn" {
  description = "The CodeBuild project that runs under the release role; null is none."
  type        = string
  default     = null

  validation {
    condition     = var.build_project_arn == null || can(regex("^arn:aws[a-z-]*:codebuild:[a-z0-9-]+:[0-9]{12}:project/[^*]+$", var.build_project_arn))
    error_message = "build_project_arn must be the ARN of one CodeBuild project."
  }
}
