"""A stage graph as a picture: what a person looks at before a build, and, with a build's log, behind one."""
