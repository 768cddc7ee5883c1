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
  description = "Markdown that says what runs: the release and how traffic is split."
  type        = string
  nullable    = false
}

variable "load_balancer" {
  description = "The load balancer as metrics name it (`app/name/id`)."
  type        = string
  nullable    = false
}

variable "targets" {
  description = "Target groups as metrics name them, by key."
  type        = map(string)
  nullable    = false
}

variable "service" {
  description = "Cluster and service of the tasks."
  type        = object({ cluster = string, name = string })
  nullable    = false
}

variable "function_name" {
  description = "The API function; null where there is none."
  type        = string
  default     = null
}
