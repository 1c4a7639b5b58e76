"""Reports as text for people; no module here decides a score or prints."""
