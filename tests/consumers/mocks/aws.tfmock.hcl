# What must look like the real thing in the examples, in addition to tests/modules/mocks.
mock_data "aws_redshiftserverless_workgroup" {
  defaults = { arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1234abcd" }
}

mock_resource "aws_acm_certificate" {
  defaults = { arn = "arn:aws:acm:us-east-1:123456789012:certificate/1234abcd" }
}
