"""Pictures of figures: pure drawing, specs in and PNG bytes out, and its place off the event loop."""
