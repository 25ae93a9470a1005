"""What a load is: definitions, requests, parameters."""
