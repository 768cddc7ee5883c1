variable "cdn" {
  description = "CloudFront in front of the load balancer, which is then reachable through CloudFront only; null is off. `certificate_arn` is in us-east-1 and needs `domain`."
  type = object({
    certificate_arn = optional(string)
    asset_paths     = optional(list(string), ["/static/*"])
    price_class     = optional(string, "PriceClass_100")
  })
  default = null

  validation {
    condition = var.cdn == null || var.existing_network == null || try(
      length(var.existing_network.private_subnet_ids) >= 2,
      false,
    )
    error_message = "cdn makes the load balancer internal: existing_network.private_subnet_ids must name two subnets for it."
  }
}
