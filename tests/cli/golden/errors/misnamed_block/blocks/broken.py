broken = 5
