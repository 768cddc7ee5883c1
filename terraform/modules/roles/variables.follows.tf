variable "follows" {
  description = "Let the release role read what another environment of the account runs: its platform's outputs, its releases below `prefix`, and its images. `kms_key_arn` is the key of its bucket, if that is another one than this environment's. null does not."
  type = object({
    state_bucket    = string
    releases_bucket = string
    prefix          = string
    repository_arns = list(string)
    kms_key_arn     = optional(string)
  })
  default = null

  validation {
    condition     = var.follows == null || try(endswith(var.follows.prefix, "/"), false)
    error_message = "follows must have a prefix that ends with /: without it, keys of environments whose names begin alike match too."
  }

  validation {
    condition     = var.follows == null || try(alltrue([for arn in var.follows.repository_arns : !strcontains(arn, "*")]), false)
    error_message = "follows.repository_arns must name each repository: with * the role would read images of other projects."
  }

  validation {
    condition     = try(var.follows.kms_key_arn, null) == null || can(regex("^arn:aws[a-z-]*:kms:", var.follows.kms_key_arn))
    error_message = "follows.kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}
