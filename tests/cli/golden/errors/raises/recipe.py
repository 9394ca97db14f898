Stage0 += baseimage(image="debian:12")


def half(number):
    return number / 0


Stage0 += shell(commands=[f"echo {half(8)}"])
