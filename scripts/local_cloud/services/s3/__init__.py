"""S3: what COPY reads and UNLOAD writes, with the rights of their role."""
