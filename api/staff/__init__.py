"""Pages and JSON for the people who work for a party: sign-in, the frame, and what each role does."""
