variable "waf" {
  description = "WAFv2 with AWS's managed rules, a rate limit per IP address in five minutes, and a retention of its logs in days; null is off. `managed_rules` is `count` (log only, to see what would be blocked) or `block`. `counted_rules` names rules, by managed group, that only count even then; the default is the one that blocks bodies above 8 KB. `behind_proxy` takes the address from X-Forwarded-For, as behind a CDN."
  type = object({
    rate_limit     = optional(number, 2000)
    retention_days = optional(number, 30)
    managed_rules  = optional(string, "count")
    counted_rules  = optional(map(set(string)), { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"] })
    behind_proxy   = optional(bool, false)
  })
  default = null

  validation {
    condition     = contains(["count", "block"], try(var.waf.managed_rules, "count"))
    error_message = "waf.managed_rules must be count or block."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], try(var.waf.retention_days, 30))
    error_message = "waf.retention_days must be a retention that CloudWatch offers, such as 7, 30, 90 or 365."
  }

  validation {
    condition     = length(setsubtract(keys(try(var.waf.counted_rules, {})), ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"])) == 0
    error_message = "waf.counted_rules must name rules of AWSManagedRulesAmazonIpReputationList, AWSManagedRulesKnownBadInputsRuleSet or AWSManagedRulesCommonRuleSet."
  }

  validation {
    condition     = var.waf == null || try(var.waf.rate_limit >= 10 && var.waf.rate_limit <= 2000000000, false)
    error_message = "waf.rate_limit must be 10 to 2000000000 requests in five minutes."
  }
}
