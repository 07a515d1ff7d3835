"""The demonstration season as code: what scripts/build_demo writes into the package."""
