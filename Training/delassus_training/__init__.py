"""Training of Delassus' learned solvers: data, losses, networks and what is written for the simulator."""
