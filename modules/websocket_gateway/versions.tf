terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83" # before it, routes of one API got in each other's way: provider issue 40575
    }
  }
}
