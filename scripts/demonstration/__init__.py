"""The demo: the whole pipeline on this machine, from `terraform apply` to the notification and the page."""
