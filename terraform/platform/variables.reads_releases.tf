variable "api_reads_releases" {
  description = "Let the API read the environment's releases and build records, the health of targets and the shares of the function's versions, and tell it where they are (TANDEM_RELEASES, TANDEM_RECORDS, TANDEM_LOAD_BALANCER, TANDEM_FUNCTION): for an API that shows them, as the example does. It can change none."
  type        = bool
  default     = false
  nullable    = false
}
