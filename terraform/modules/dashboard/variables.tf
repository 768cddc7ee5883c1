variable "name" {
  description = "Name of the dashboard."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the metrics."
  type        = string
  nullable    = false
}

variable "headline" {
  description = "Markdown text at the top: the release and how the API's traffic is split."
  type        = string
  nullable    = false
}

variable "load_balancer" {
  description = "ARN suffix of the load balancer, as its metrics are named (`app/name/id`)."
  type        = string
  nullable    = false
}

variable "targets" {
  description = "ARN suffixes of the target groups, as their metrics are named, by key."
  type        = map(string)
  nullable    = false
}

variable "service" {
  description = "Names of the ECS cluster and of the app's ECS service."
  type        = object({ cluster = string, name = string })
  nullable    = false
}

variable "function_name" {
  description = "Name of the API function; null if the API runs as tasks."
  type        = string
  default     = null
}
