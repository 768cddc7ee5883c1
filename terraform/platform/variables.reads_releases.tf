variable "api_reads_releases" {
  description = "Let the API read the environment's releases and build records, and tell it where they are (TANDEM_RELEASES, TANDEM_RECORDS): for an API that shows them, as the example does. It can change none."
  type        = bool
  default     = false
  nullable    = false
}
