variable "delivery" {
  description = "A pipeline in AWS that releases after pushes, without any other CI (module `delivery`): `repositories` are the project and the sources with their CodeConnections connections, `image` is that of images/pipeline, by digest. null makes none."
  type = object({
    repositories = map(object({
      connection_arn = string
      repository     = string
      branch         = optional(string, "main")
      paths          = optional(list(string), ["**"])
    }))
    image        = string
    compute_type = optional(string, "BUILD_GENERAL1_MEDIUM")
    read_token = optional(object({
      secret_arn = string
      user       = optional(string, "x-access-token")
      server     = optional(string, "https://github.com")
    }))
    status_token = optional(object({
      secret_arn = string
      service    = optional(string, "github")
      server     = optional(string)
    }))
    approval       = optional(bool, false)
    schedule       = optional(string, "rate(1 hour)")
    emails         = optional(set(string), [])
    retention_days = optional(number, 30)
  })
  default = null
}
