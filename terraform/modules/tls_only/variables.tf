variable "bucket" {
  description = "Bucket that refuses requests without TLS, by name and ARN; null if it is a topic."
  type        = object({ name = string, arn = string })
  default     = null

  validation {
    condition     = (var.bucket == null) != (var.topic == null)
    error_message = "bucket or topic must be set, and only one of them."
  }
}

variable "topic" {
  description = "SNS topic that refuses messages without TLS, by ARN; null if it is a bucket."
  type        = object({ arn = string })
  default     = null
}

variable "publisher" {
  description = "Service that may publish to the topic, under a condition that names the account or the resource; null is none."
  type        = object({ sid = string, service = string, test = string, variable = string, values = list(string) })
  default     = null

  validation {
    condition     = var.publisher == null || var.topic != null
    error_message = "publisher needs a topic: nobody publishes to a bucket."
  }
}
