raise ValueError("two\nlines and an \x1b[31mescape")
