# The pipeline takes these from tandem.toml and writes them into a variable file.

variable "follows" {
  description = "The environment of this account whose releases this one promotes, as `follows` in tandem.toml names it: the release role may read its platform's outputs, its releases and its images. null is none."
  type        = string
  default     = null

  validation {
    condition     = var.follows == null || can(regex("^[a-z][a-z0-9-]{0,15}$", var.follows))
    error_message = "follows must be the name of an environment of tandem.toml."
  }

  validation {
    condition     = var.follows == null || var.follows != var.environment
    error_message = "follows must name another environment than this one."
  }
}
