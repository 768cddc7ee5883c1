# The pipeline takes these from tandem.toml and writes them into a variable file.

variable "app_environment_files" {
  description = "ARNs of the files in S3 whose variables ECS puts into the environment of the app's containers."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "api_environment_files" {
  description = "ARNs of the files in S3 whose variables ECS puts into the environment of the API's tasks. A function reads none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.api_environment_files) == 0 || !contains(local.api_runtimes, "lambda")
    error_message = "api.environment_files in tandem.toml needs api_runtime = \"fargate\": Lambda reads no files of variables. Use api.environment or api.secrets for a function."
  }
}
