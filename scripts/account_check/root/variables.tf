variable "name_prefix" {
  description = "Prefix of all names, which no other run has."
  type        = string
}

variable "redshift" {
  description = "The root module's redshift."
  type = object({
    database   = string
    cluster    = optional(object({ identifier = string, user = optional(string) }))
    workgroup  = optional(object({ name = string, arn = string }))
    secret_arn = optional(string)
  })
}

variable "copy_role_arn" {
  description = "ARN of the warehouse's default role, with which COPY reads the bucket."
  type        = string
}

variable "first_load" {
  description = "When the schedule fires, in UTC as 2030-01-31T02:00:00; null makes no schedule."
  type        = string
  default     = null
}

variable "password" {
  description = "Password of the sign-in's only user."
  type        = string
  sensitive   = true
}
