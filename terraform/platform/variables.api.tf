variable "api_runtime" {
  description = "What runs the API's image: `lambda`, a function, or `fargate`, an ECS service behind the same path."
  type        = string
  default     = "lambda"
  nullable    = false

  validation {
    condition     = contains(["lambda", "fargate"], var.api_runtime)
    error_message = "api_runtime must be lambda or fargate."
  }
}

variable "api_split" {
  description = "Run the API on both and share its traffic, such as `{ lambda = 90, fargate = 10 }`, to move from one to the other without a gap; null gives all to api_runtime."
  type        = map(number)
  default     = null

  validation {
    condition     = var.api_split == null || try(length(setsubtract(keys(var.api_split), ["lambda", "fargate"])) == 0 && contains(keys(var.api_split), var.api_runtime), false)
    error_message = "api_split must share the traffic between lambda and fargate, api_runtime among them."
  }
}

variable "api_shares" {
  description = "Shares of the API's traffic as they are now. The pipeline holds them while what is to take the traffic over does not serve yet; null moves it."
  type        = map(number)
  default     = null

  validation {
    condition     = var.api_shares == null || try(length(setsubtract(keys(var.api_shares), ["lambda", "fargate"])) == 0 && sum(values(var.api_shares)) > 0, false)
    error_message = "api_shares must give lambda and fargate their shares, not 0 in all. Leave it null: the pipeline sets it."
  }
}

variable "api_port" {
  description = "Port that the API's container listens on, with fargate."
  type        = number
  default     = 8000
  nullable    = false

  validation {
    condition     = var.api_port >= 1 && var.api_port <= 65535
    error_message = "api_port must be 1 to 65535."
  }
}

variable "api_vpc" {
  description = "Run the function in the private subnets, to reach something private. Off by default: a cold start there is slower, and its calls to AWS need NAT or endpoints."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.api_vpc || var.api_runtime == "lambda" || contains(keys(coalesce(var.api_split, {})), "lambda")
    error_message = "api_vpc concerns the function: with api_runtime = \"fargate\" tasks are in the VPC anyway. Set api_vpc = false; where a function in the VPC serves now, take its traffic first: api_split = { lambda = 0, fargate = 100 }."
  }
}

variable "database" {
  description = "RDS Proxy that the function may log in to: the ARN of the database user, and the proxy's security group and port. Needs api_vpc."
  type = object({
    user_arn          = string
    security_group_id = string
    port              = optional(number, 5432)
  })
  default = null

  validation {
    condition     = var.database == null || var.api_vpc
    error_message = "database needs api_vpc = true: an RDS Proxy is reached from within the VPC only."
  }
}
