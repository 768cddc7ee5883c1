# All variables of the release root have their defaults.
