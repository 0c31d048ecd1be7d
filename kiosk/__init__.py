"""One counter: reads sheets, shows the verdict, takes the clerk's ticks."""
