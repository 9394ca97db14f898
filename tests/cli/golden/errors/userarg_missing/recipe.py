Stage0 += baseimage(image=USERARG["image"])
