"""Time: moments as people type them, business hours, snoozing, what is sent later, closing by itself, metrics."""
