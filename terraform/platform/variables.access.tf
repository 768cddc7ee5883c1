# What the code of app and API may use beyond its own secrets and logs.

variable "statements" {
  description = "Statements of IAM policies for the code, by name: `app` for the app's tasks, `api` for the API on both runtimes. For example `{ api = { Jobs = { actions = [\"sqs:SendMessage\"], resources = [\"arn:aws:sqs:…:jobs\"] } } }`."
  type = object({
    app = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
    api = optional(map(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
    })), {})
  })
  default  = {}
  nullable = false
}
