comment("nothing is added to a stage")
