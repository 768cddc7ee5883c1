variable "repositories" {
  description = "Names of the repositories by key, such as `app = \"tandem/app\"`."
  type        = map(string)
  nullable    = false
}

variable "create" {
  description = "Create the repositories; false uses those that another environment of the same account has created."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that images are encrypted with; null uses ECR's own AES-256 key, which is free. A change replaces the repositories, and their images are lost."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "keep" {
  description = "Number of images without a `release-` tag that each repository keeps; older ones expire. The pipeline tags the images of a release, and these never expire."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.keep >= 50
    error_message = "keep must be at least 50: a rollout in progress and the caches of the next builds need the newest ones."
  }
}

variable "force_delete" {
  description = "Delete the repositories even if they hold images."
  type        = bool
  default     = false
  nullable    = false
}

variable "functions" {
  description = "ARN patterns of the Lambda functions that run images of a repository, by the repository's key, such as `api = \"arn:aws:lambda:eu-central-1:123456789012:function:tandem-*-api\"`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for key, pattern in var.functions : (
      contains(keys(var.repositories), key) &&
      can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[^*]", pattern))
    )])
    error_message = "functions must map keys of repositories to functions of one account (arn:aws:lambda:<region>:<account>:function:<name>…)."
  }
}
