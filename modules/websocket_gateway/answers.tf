# Answers above 32 KB, so that they are read from the warehouse once. Smaller ones are items of the table.
resource "aws_s3_bucket" "answers" {
  # checkov:skip=CKV_AWS_18:only the gateway's functions read and write here
  # checkov:skip=CKV_AWS_21:answers are kept for a day and can be read from the warehouse again
  # checkov:skip=CKV_AWS_144:answers are kept for a day and can be read from the warehouse again
  # checkov:skip=CKV_AWS_145:the caller decides on the key; without one S3 encrypts with its own
  # checkov:skip=CKV2_AWS_62:only the gateway's functions read and write here
  bucket_prefix = "${var.name_prefix}-answers-"
  force_destroy = true # answers can be read from the warehouse again
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "answers" {
  bucket                  = aws_s3_bucket.answers.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "answers" {
  bucket = aws_s3_bucket.answers.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "answers" {
  bucket = aws_s3_bucket.answers.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

# S3 deletes an object at the first midnight UTC after its day, so it is kept for at least 24 hours.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
resource "aws_s3_bucket_lifecycle_configuration" "answers" {
  bucket = aws_s3_bucket.answers.id

  rule {
    id     = "one-day"
    status = "Enabled"

    filter {}

    expiration {
      days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "answers" {
  statement {
    sid       = "OnlyEncryptedConnections"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.answers.arn, "${aws_s3_bucket.answers.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "answers" {
  bucket = aws_s3_bucket.answers.id
  policy = data.aws_iam_policy_document.answers.json

  depends_on = [aws_s3_bucket_public_access_block.answers]
}
