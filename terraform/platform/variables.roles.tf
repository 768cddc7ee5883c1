variable "release_trusted" {
  description = "ARNs of the principals that may assume the release role; empty trusts the account, whose own policies then decide."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "release_oidc" {
  description = "CI that may assume the release role without an access key, by the ARN of its OIDC provider: see the module roles and docs/guides/ci.md."
  type        = map(object({ audience = optional(string, "sts.amazonaws.com"), subjects = list(string) }))
  default     = {}
  nullable    = false
}

variable "secret_kms_key_arns" {
  description = "Customer managed KMS keys that secrets are encrypted with."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "followed_kms_key_arn" {
  description = "KMS key of the bucket of the environment that this one follows, if it is another one than kms_key_arn; null is none."
  type        = string
  default     = null
}
