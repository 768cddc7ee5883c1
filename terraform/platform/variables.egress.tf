variable "egress" {
  description = "Connections that the code may open beyond HTTPS, by name: `app` from the app's tasks, `api` from the API on both runtimes. Each rule names `port` (with `to_port` a range) and one of `cidr`, `security_group_id` and `prefix_list_id`."
  type = object({
    app = optional(map(object({
      port              = number
      to_port           = optional(number)
      protocol          = optional(string, "tcp")
      cidr              = optional(string)
      security_group_id = optional(string)
      prefix_list_id    = optional(string)
    })), {})
    api = optional(map(object({
      port              = number
      to_port           = optional(number)
      protocol          = optional(string, "tcp")
      cidr              = optional(string)
      security_group_id = optional(string)
      prefix_list_id    = optional(string)
    })), {})
  })
  default  = {}
  nullable = false

  # A name is the rule's description: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
  validation {
    condition = alltrue([
      for name in concat(keys(var.egress.app), keys(var.egress.api)) : can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,255}$", name))
    ])
    error_message = "egress must have names of letters, digits, spaces and ._:/()#,@+=&;{}!$*-: they are the rules' descriptions."
  }

  validation {
    condition = alltrue([for rule in concat(values(var.egress.app), values(var.egress.api)) : (
      rule.port >= 0 && coalesce(rule.to_port, rule.port) <= 65535 && coalesce(rule.to_port, rule.port) >= rule.port
    )])
    error_message = "egress.*.port and to_port must be 0 to 65535, and to_port not below port."
  }

  validation {
    condition     = alltrue([for rule in concat(values(var.egress.app), values(var.egress.api)) : contains(["tcp", "udp"], rule.protocol)])
    error_message = "egress.*.protocol must be tcp or udp."
  }

  validation {
    condition = alltrue([
      for rule in concat(values(var.egress.app), values(var.egress.api)) :
      length(compact([rule.cidr, rule.security_group_id, rule.prefix_list_id])) == 1
    ])
    error_message = "egress.* must name one of cidr, security_group_id and prefix_list_id."
  }

  validation {
    condition = alltrue([for rule in concat(values(var.egress.app), values(var.egress.api)) : (
      (rule.cidr == null || can(cidrnetmask(rule.cidr))) &&
      can(regex("^sg-[0-9a-f]+$", coalesce(rule.security_group_id, "sg-0"))) &&
      can(regex("^pl-[0-9a-f]+$", coalesce(rule.prefix_list_id, "pl-0")))
    )])
    error_message = "egress.*.cidr must be an IPv4 range such as 10.0.0.0/16, security_group_id sg-… and prefix_list_id pl-…."
  }

  # AWS refuses a rule that the group has already: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
  validation {
    condition = alltrue([for rules in [var.egress.app, var.egress.api] : length(rules) == length(distinct([
      for rule in values(rules) :
      jsonencode([rule.protocol, rule.port, coalesce(rule.to_port, rule.port), rule.cidr, rule.security_group_id, rule.prefix_list_id])
    ]))])
    error_message = "egress must not name the same port and destination twice: a security group takes each rule once."
  }

  validation {
    condition = !var.api_vpc || alltrue([
      for rule in values(var.egress.api) :
      !(rule.protocol == "tcp" && rule.port == 443 && coalesce(rule.to_port, 443) == 443 && coalesce(rule.cidr, "none") == "0.0.0.0/0")
    ])
    error_message = "egress.api must not name HTTPS to 0.0.0.0/0: with api_vpc the API has that rule already."
  }

  # A group takes 60 rules; HTTPS, the database and the file system have theirs.
  validation {
    condition     = max(length(var.egress.app), length(var.egress.api)) <= 50
    error_message = "egress takes at most 50 rules each for app and api: a security group has 60. Name wider ranges or a prefix list."
  }

  validation {
    condition     = length(var.egress.api) == 0 || local.api_is_in_vpc || !var.api_enabled
    error_message = "egress.api needs the API in the VPC: set api_vpc = true, or api_runtime = \"fargate\". Outside the VPC a function may connect to everything."
  }
}

variable "security_group_ids" {
  description = "Security groups of yours that the code has as well: `app` for the app's tasks, `api` for the API on both runtimes. For example a group that a database lets in."
  type        = object({ app = optional(list(string), []), api = optional(list(string), []) })
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for id in concat(var.security_group_ids.app, var.security_group_ids.api) : can(regex("^sg-[0-9a-f]+$", id))
    ])
    error_message = "security_group_ids must be IDs of security groups (sg-…)."
  }

  validation {
    condition     = max(length(var.security_group_ids.app), length(var.security_group_ids.api)) <= 3
    error_message = "security_group_ids takes at most 3 groups each for app and api: a network interface has 5, and two are Tandem's."
  }

  validation {
    condition     = length(var.security_group_ids.api) == 0 || local.api_is_in_vpc || !var.api_enabled
    error_message = "security_group_ids.api needs the API in the VPC: set api_vpc = true, or api_runtime = \"fargate\"."
  }
}
