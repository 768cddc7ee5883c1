variable "name" {
  description = "Prefix of all names, such as `tandem-prod`."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "The environment of tandem.toml that is released to."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account ID: only this account's pipeline and build may assume the roles."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

variable "repositories" {
  description = "The project (the repository with tandem.toml, under the key `project`) and the sources, by name. A push to `branch` starts the pipeline, if it changes a file that `paths` match."
  type = map(object({
    connection_arn = string
    repository     = string
    branch         = optional(string, "main")
    paths          = optional(list(string), ["**"])
  }))
  nullable = false

  validation {
    condition     = contains(keys(var.repositories), "project") && length(var.repositories) > 1
    error_message = "repositories must name the project and at least one source: { project = { … }, app = { … } }."
  }

  validation {
    condition = alltrue([
      for each in values(var.repositories) :
      can(regex("^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]+$", each.connection_arn))
    ])
    error_message = "connection_arn must be the ARN of a CodeConnections connection, which is authorised once in the console."
  }

  validation {
    condition     = alltrue([for each in values(var.repositories) : can(regex("^[^/\\s*]+(/[^/\\s*]+)+$", each.repository))])
    error_message = "repository must be owner/name, as the git service writes it."
  }

  # https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html
  validation {
    condition = alltrue([for key, each in var.repositories : (
      can(regex("^[A-Za-z0-9_-]{1,100}$", key)) &&
      length(each.paths) >= 1 && length(each.paths) <= 8 && alltrue([for path in each.paths : length(path) >= 1 && length(path) <= 255])
    )])
    error_message = "repositories must have keys of letters, digits, _ and -, and 1 to 8 paths each of at most 255 characters: CodePipeline takes no more."
  }
}

variable "image" {
  description = "The image of images/pipeline that builds and releases, by digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name an image by digest: repository@sha256:…"
  }
}

variable "compute_type" {
  description = "Size of the build machine."
  type        = string
  default     = "BUILD_GENERAL1_MEDIUM"
  nullable    = false
}

variable "release_role" {
  description = "The release role: the build runs under it, and needs nothing more to release. It must trust CodeBuild (`build_project_arn` of the module `roles`)."
  type        = object({ name = string, arn = string })
  nullable    = false
}

variable "path" {
  description = "Path of the roles, such as `/team/`; some accounts allow no other."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles' permissions; null is none."
  type        = string
  default     = null
}

variable "approval" {
  description = "Whether a person approves each run in the console before it builds. `approval = true` in tandem.toml asks later, for the checked release."
  type        = bool
  default     = false
  nullable    = false
}
