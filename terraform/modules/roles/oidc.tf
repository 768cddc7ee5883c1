variable "release_oidc" {
  description = "CI that may take the release role without a key: by the ARN of its OIDC provider, the audience of its tokens and their subjects, such as `repo:you/site:ref:refs/heads/main`."
  type        = map(object({ audience = optional(string, "sts.amazonaws.com"), subjects = list(string) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in keys(var.release_oidc) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+", arn))])
    error_message = "release_oidc must be keyed by ARNs of OIDC providers: arn:aws:iam::ACCOUNT:oidc-provider/HOST."
  }

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html: a provider serves everybody's CI.
  validation {
    condition     = alltrue([for ci in values(var.release_oidc) : length(ci.subjects) > 0 && alltrue([for subject in ci.subjects : can(regex("^[^*?]+[:/][^*?:/]+[:/]", subject))])])
    error_message = "release_oidc subjects must begin with whose CI it is, such as repo:you/: a wildcard there would let anyone's CI release."
  }
}
