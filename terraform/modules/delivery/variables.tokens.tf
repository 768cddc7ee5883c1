variable "read_token" {
  description = "The Secrets Manager secret with a token that reads the sources, and the user and server that it is for; null if they are public."
  type = object({
    secret_arn = string
    user       = optional(string, "x-access-token")
    server     = optional(string, "https://github.com")
  })
  default = null

  validation {
    condition     = try(var.read_token == null || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.read_token.secret_arn)), false)
    error_message = "read_token.secret_arn must be the ARN of one Secrets Manager secret."
  }
}

variable "status_token" {
  description = "The Secrets Manager secret with a token that sets the status of commits at `github` or `gitlab`; `server` is its URL if it is not the public one. null sets none."
  type = object({
    secret_arn = string
    service    = optional(string, "github")
    server     = optional(string)
  })
  default = null

  validation {
    condition     = try(var.status_token == null || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.status_token.secret_arn)), false)
    error_message = "status_token.secret_arn must be the ARN of one Secrets Manager secret."
  }

  validation {
    condition     = var.status_token == null || contains(["github", "gitlab"], try(var.status_token.service, ""))
    error_message = "status_token.service must be github or gitlab: other services have no status that Tandem sets."
  }

  validation {
    condition     = try(var.status_token.server, null) == null || can(regex("^https://[^/\\s]+$", var.status_token.server))
    error_message = "status_token.server must be an https URL without a path, such as https://git.example.org: the token goes there."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer managed KMS keys that the secrets with the tokens are encrypted with."
  type        = list(string)
  default     = []
  nullable    = false
}
