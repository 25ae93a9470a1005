terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0" # earlier versions confuse the routes of an API: hashicorp/terraform-provider-aws issue 40575
    }
  }
}
