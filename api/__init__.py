"""HTTP and the command line: the application, its border, routes and pages. It carries; the rooms decide."""
