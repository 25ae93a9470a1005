"""S3: what COPY reads, with the rights of its role."""
