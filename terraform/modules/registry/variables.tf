variable "repositories" {
  description = "Names of the repositories by key, such as `app = \"tandem/app\"`."
  type        = map(string)
  nullable    = false
}

variable "create" {
  description = "Make the repositories; false uses those that another environment of the same account has made."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that images are encrypted with; null uses ECR's own AES-256 key, which costs nothing. Another key means other repositories, without the images: choose it at the beginning."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:…)."
  }
}

variable "keep" {
  description = "How many images without a `release-` tag each repository keeps; older ones expire. Those that a release names are tagged by the pipeline and never expire."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.keep >= 50
    error_message = "keep must be at least 50: a rollout in progress and the caches of the next builds need the newest ones."
  }
}

variable "force_delete" {
  description = "Delete repositories with the images in them."
  type        = bool
  default     = false
  nullable    = false
}

variable "functions" {
  description = "Lambda functions that run images of a repository, as an ARN pattern by the repository's key, such as `api = \"arn:aws:lambda:eu-central-1:123456789012:function:tandem-*-api\"`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, pattern in var.functions : contains(keys(var.repositories), key) && can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[^*]", pattern))])
    error_message = "functions must map keys of repositories to functions of one account (arn:aws:lambda:<region>:<account>:function:<name>…)."
  }
}
