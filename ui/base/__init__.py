"""What every page stands on: services, session, navigation, errors, pickers, words."""
