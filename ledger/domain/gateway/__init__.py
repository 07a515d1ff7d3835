"""What a gateway from a message broker decides by itself: topics, payloads, and whose key may sign for a device."""
