"""The application of the 2018 talk, on Presently: project and app in one."""
