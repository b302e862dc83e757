"""What a network learned: its answers, what they are worth, how much of it is luck."""
