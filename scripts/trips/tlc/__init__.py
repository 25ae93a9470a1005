"""Reads the yellow taxi files of TLC (the Taxi and Limousine Commission) of any year."""
