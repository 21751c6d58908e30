"""What is written on the pictures; every name, brand, number and address is invented."""
