"""Amazon Redshift: what describes the clusters that this cloud has."""
