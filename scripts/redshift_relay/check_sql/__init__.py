"""`redshift-relay check-sql`: checks SQL files as `terraform apply` would, without AWS and without Terraform."""
