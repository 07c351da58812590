"""The use cases of the invite tracker, by what they are about; `service.py` puts them together."""
