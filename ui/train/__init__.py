"""The Train page: a form for a run, what the run would cost, and the run as it goes on."""
