variable "api_runtime" {
  description = "What runs the API's image: `lambda` (a function) or `fargate` (an ECS service behind the same path)."
  type        = string
  default     = "lambda"
  nullable    = false

  validation {
    condition     = contains(["lambda", "fargate"], var.api_runtime)
    error_message = "api_runtime must be lambda or fargate."
  }
}

variable "api_split" {
  description = "Run the API on both runtimes and split its traffic, for example `{ lambda = 90, fargate = 10 }`, to move from one to the other without a gap; null sends all traffic to api_runtime."
  type        = map(number)
  default     = null

  validation {
    condition = var.api_split == null || try(
      length(setsubtract(keys(var.api_split), ["lambda", "fargate"])) == 0 && contains(keys(var.api_split), var.api_runtime),
      false,
    )
    error_message = "api_split must split the traffic between lambda and fargate, and include api_runtime."
  }
}

variable "api_shares" {
  description = "Shares of the API's traffic now. The pipeline sets them to hold the traffic until the new runtime serves; null applies api_split."
  type        = map(number)
  default     = null

  validation {
    condition = var.api_shares == null || try(
      length(setsubtract(keys(var.api_shares), ["lambda", "fargate"])) == 0 && sum(values(var.api_shares)) > 0,
      false,
    )
    error_message = "api_shares must hold shares of lambda and fargate whose sum is more than 0. Leave it null: the pipeline sets it."
  }
}

variable "api_large_paths" {
  description = "Paths of the API that go to its tasks only, for answers over 1 MB or that take long, for example `[\"/api/exports/*\"]`; the other paths are split by api_split. The rule exists while tasks have a share of the traffic."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = (
      alltrue([for path in var.api_large_paths : startswith(path, "${var.api_path}/")]) &&
      length(var.api_large_paths) <= 5 && length(regexall("[*?]", join("", var.api_large_paths))) <= 5
    )
    error_message = "api_large_paths must be at most 5 paths below ${var.api_path}/, with at most 5 wildcards in all."
  }

  validation {
    condition = length(var.api_large_paths) == 0 || try(
      var.api_split.lambda > 0 && var.api_split.fargate > 0,
      false,
    )
    error_message = "api_large_paths needs a function and tasks that both have traffic, since a failed release goes back to what has traffic: api_split = { lambda = 999, fargate = 1 }."
  }
}

variable "api_multi_value_headers" {
  description = "Give the function all values of a header or query parameter, in `multiValueHeaders` and `multiValueQueryStringParameters`; the function must then answer with `multiValueHeaders`, as Mangum does. False gives it the last value only, in `headers`."
  type        = bool
  default     = true
  nullable    = false
}

variable "api_port" {
  description = "Port that the API's container listens on, for fargate."
  type        = number
  default     = 8000
  nullable    = false

  validation {
    condition     = var.api_port >= 1 && var.api_port <= 65535
    error_message = "api_port must be 1 to 65535."
  }
}

variable "api_vpc" {
  description = "Run the function in the private subnets, to reach private resources. Off by default: cold starts are slower there, and calls to AWS need NAT or endpoints."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.api_vpc || var.api_runtime == "lambda" || contains(keys(coalesce(var.api_split, {})), "lambda")
    error_message = "api_vpc needs a function: with api_runtime = \"fargate\" tasks are in the VPC anyway. Set api_vpc = false; if a function in the VPC serves now, take its traffic first: api_split = { lambda = 0, fargate = 100 }."
  }
}
