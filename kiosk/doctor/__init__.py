"""`kiosk doctor`: says what is wrong with this machine, in words for whoever mends it."""
