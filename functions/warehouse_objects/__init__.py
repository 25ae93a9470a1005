"""Creates the objects of the warehouse from SQL files, during terraform apply."""
