"""Programs beside hpcgen: linters, and the engines that build images."""
