"""The Data API's JSON: botocore's service model validates requests and shapes answers."""
