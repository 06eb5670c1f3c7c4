"""Lets every test import `fakes`: pytest puts the folder of a conftest on the path."""
