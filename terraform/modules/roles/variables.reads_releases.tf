variable "reads_releases" {
  description = "Let the API's code read the objects below a prefix of the releases' bucket, the records, the health of targets, and the shares of the function's versions; null does not."
  type = object({
    bucket_arn   = string
    prefix       = string
    table_arn    = string
    function_arn = string
  })
  default = null

  validation {
    condition     = var.reads_releases == null || try(endswith(var.reads_releases.prefix, "/"), false)
    error_message = "reads_releases must have a prefix that ends with /: without it, keys of environments whose names begin alike match too."
  }
}
