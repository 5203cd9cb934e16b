"""The counter that agents and admins stand at: commands, their answers, and the front ends that speak to desks."""
