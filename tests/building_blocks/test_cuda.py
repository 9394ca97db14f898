from __future__ import annotations

import pytest
from planned import configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.building_blocks._nvidia import REPOSITORIES, gencode
from hpcgen.building_blocks.cuda import DRIVERS, PARTS
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.graph.nodes import AddRepository, ByArch

BASE = "https://developer.download.nvidia.com/compute/cuda/repos"
RUNTIME = "\nStage1 += baseimage(image='x', distro={target!r})\nStage1 += Stage0.runtime(kind='prefix')"


@pytest.mark.parametrize(
    ("target", "version", "label", "key"),
    [
        ("debian11", "12.9", "debian11", "3bf863cc.pub"),
        ("debian12", "12.9", "debian12", "3bf863cc.pub"),
        ("debian13", "13.3", "debian13", "8793F200.pub"),
        ("ubuntu20.04", "11.8", "ubuntu2004", "3bf863cc.pub"),
        ("ubuntu22.04", "13.0", "ubuntu2204", "3bf863cc.pub"),
        ("ubuntu24.04", "12.5", "ubuntu2404", "3bf863cc.pub"),
        ("ubuntu26.04", "13.3", "ubuntu2604", "60DF8A40.pub"),
        ("rocky8", "11.8", "rhel8", "D42D0685.pub"),
        ("almalinux9", "12.9", "rhel9", "D42D0685.pub"),
        ("ubi9", "13.1", "rhel9", "D42D0685.pub"),
    ],
)
def test_repository_of_each_target(target: str, version: str, label: str, key: str) -> None:
    """Each target has NVIDIA's repository for exactly it, with the key that signs it."""
    (found,) = nodes(plan(f"Stage0 += cuda(version='{version}')", "x", distro=target), AddRepository)
    assert found.url == f"{BASE}/{label}/x86_64/"
    assert found.key == f"{BASE}/{label}/x86_64/{key}"
    assert len(found.fingerprint) == 40
    assert found.fingerprint.endswith(key.removesuffix(".pub").upper())
    assert found.suite == ("" if label.startswith("rhel") else "/")


def test_arm_servers_have_a_folder_of_their_own() -> None:
    """aarch64 is NVIDIA's sbsa; one file for both architectures chooses while building."""
    (found,) = nodes(plan("Stage0 += cuda(version='12.9')", arch="aarch64"), AddRepository)
    assert found.url == f"{BASE}/debian12/sbsa/"
    graph = plan("Stage0 += cuda(version='12.9')", arch="x86_64,aarch64")
    (choice,) = nodes(graph, ByArch)
    assert [inner[0].url.split("/")[-2] for _, inner in choice.choices] == ["x86_64", "sbsa"]


@pytest.mark.parametrize(
    ("target", "version", "arch", "has"),
    [
        ("debian11", "13.0", "x86_64", "debian11 has >=11.8 <13 for x86_64"),
        ("debian11", "12.9", "aarch64", "debian11 has >=11.8 <13 for x86_64"),
        ("debian13", "12.9", "x86_64", "debian12, ubuntu20.04, ubuntu22.04, ubuntu24.04, rhel8, rhel9"),
        ("ubuntu20.04", "13.3", "x86_64", "debian12, debian13, ubuntu22.04, ubuntu24.04, ubuntu26.04"),
        ("ubuntu26.04", "12.9", "x86_64", "debian11, debian12"),
        ("rocky10", "12.9", "x86_64", "rhel8, rhel9"),
    ],
)
def test_never_the_nearest_label(target: str, version: str, arch: str, has: str) -> None:
    """A target without the wanted toolkit is an error that lists those that have it: no other target's packages are taken."""
    with pytest.raises(Conflict) as caught:
        plan(f"Stage0 += cuda(version='{version}')", "x", arch=arch, distro=target)
    assert target in caught.value.sentence
    assert has in caught.value.help


def test_key_that_is_not_known_must_be_named() -> None:
    """EL 10's key is known by its short name alone: the recipe must give the fingerprint."""
    with pytest.raises(Conflict) as caught:
        plan("Stage0 += cuda()", "rockylinux:10")
    assert "fingerprint" in caught.value.sentence
    fingerprint = "0" * 32 + "CDF6BA43"
    (found,) = nodes(plan(f"Stage0 += cuda(fingerprint='{fingerprint}')", "rockylinux:10"), AddRepository)
    assert (found.fingerprint, found.key) == (fingerprint, f"{BASE}/rhel10/x86_64/CDF6BA43.pub")


@pytest.mark.parametrize(
    ("parts", "image", "building", "running"),
    [
        (["nvcc", "cudart", "nvml"], "debian:12", {"cuda-nvcc-12-9", "cuda-cudart-dev-12-9", "cuda-nvml-dev-12-9"}, {"cuda-cudart-12-9"}),
        (["nvcc", "cudart", "nvml"], "rockylinux:9", {"cuda-nvcc-12-9", "cuda-cudart-devel-12-9", "cuda-nvml-devel-12-9"}, {"cuda-cudart-12-9"}),
        (
            ["cublas", "cufft", "curand"],
            "debian:12",
            {"libcublas-dev-12-9", "libcufft-dev-12-9", "libcurand-dev-12-9"},
            {"libcublas-12-9", "libcufft-12-9", "libcurand-12-9"},
        ),
        (["libraries"], "rockylinux:9", {"cuda-libraries-devel-12-9"}, {"cuda-libraries-12-9"}),
        (["runtime"], "debian:12", {"cuda-libraries-12-9"}, {"cuda-libraries-12-9"}),
        (["toolkit"], "debian:12", {"cuda-toolkit-12-9"}, {"cuda-libraries-12-9"}),
    ],
)
def test_parts(parts: list[str], image: str, building: set[str], running: set[str]) -> None:
    """The wanted parts come by the package manager's own names, for building and, by NVIDIA's repository again, for running."""
    graph = plan(
        f"Stage0 += cuda(version='12.9', parts={parts})\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image
    )
    assert {name for name in packages(graph) if name.endswith("-12-9")} == building
    assert packages(graph, 1) == running
    assert len(nodes(graph, AddRepository, stage=1)) == 1


def test_parts_without_anything_to_run() -> None:
    """A compiler alone leaves no packages for running, but what the container tools read."""
    graph = plan("Stage0 += cuda(version='12.9', parts=['nvcc'])\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert packages(graph, 1) == set()
    assert environment(graph, 1)["NVIDIA_VISIBLE_DEVICES"] == ["all"]


def test_host_compiler() -> None:
    """A host compiler stands behind nvcc: the recipe's, else the distribution's; libraries alone need none."""
    assert {"gcc", "g++"} <= packages(plan("Stage0 += cuda(version='12.9')"))
    assert not {"gcc", "g++"} & packages(plan("Stage0 += gnu(version='11')\nStage0 += cuda(version='12.9')"))
    assert not {"gcc", "g++"} & packages(plan("Stage0 += cuda(version='12.9', parts=['libraries'])"))


def test_environment() -> None:
    """What the container tools read is complete: a CUDA_VERSION never stands without the drivers that will do (R21), nor without capabilities (R24)."""
    graph = plan("Stage0 += cuda(version='12.9')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    for stage in (0, 1):
        found = environment(graph, stage)
        assert found["CUDA_VERSION"] == ["12.9"]
        assert found["NVIDIA_REQUIRE_CUDA"] == ["cuda>=12.0"]
        assert found["NVIDIA_VISIBLE_DEVICES"] == ["all"]
        assert found["NVIDIA_DRIVER_CAPABILITIES"] == ["compute,utility"]
    assert environment(graph)["CUDA_HOME"] == ["/usr/local/cuda"]
    assert "CUDA_HOME" not in environment(graph, 1)


def test_the_drivers_stand_in_is_for_linking_alone() -> None:
    """The stub of the driver's library is never where programs are run (R23), and the compatibility libraries never where all programs find them (R22)."""
    graph = plan("Stage0 += cuda(version='12.9', compat=True)\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    for stage in (0, 1):
        assert environment(graph, stage)["LD_LIBRARY_PATH"] == ["/usr/local/cuda/lib64"]
    assert environment(graph)["LIBRARY_PATH"] == ["/usr/local/cuda/lib64", "/usr/local/cuda/lib64/stubs"]
    assert not [value for values in environment(graph, 1).values() for value in values if "stubs" in value or "compat" in value]


def test_compatibility_libraries() -> None:
    """With compat, the older drivers of NVIDIA's own images will do, brand by brand."""
    graph = plan("Stage0 += cuda(version='12.4', compat=True)\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert "cuda-compat-12-4" in packages(graph)
    assert "cuda-compat-12-4" in packages(graph, 1)
    (require,) = environment(graph, 1)["NVIDIA_REQUIRE_CUDA"]
    words = require.split()
    assert words[0] == "cuda>=12.4"
    assert "brand=tesla,driver>=470,driver<471" in words
    assert "brand=titanrtx,driver>=535,driver<536" in words
    assert len(words) == 1 + 3 * 10
    (newer,) = environment(plan("Stage0 += cuda(version='13.0', compat=True)"))["NVIDIA_REQUIRE_CUDA"]
    assert "brand=grid,driver>=575,driver<576" in newer.split()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("version='13.0', architectures=['70', '80']", "sm_75 and newer"),  # R17
        ("version='12.6', architectures=['100']", "sm_120 need 12.8"),  # R18
        ("version='12.6', architectures=['sm_120a']", "sm_120 need 12.8"),
    ],
)
def test_gpus_that_a_toolkit_does_not_know(options: str, sentence: str) -> None:
    """A GPU that the toolkit cannot compile for is refused."""
    fault = refusal(f"Stage0 += cuda({options})")
    assert isinstance(fault, Conflict)
    assert sentence in fault.sentence


def test_gpus_are_cmakes_default() -> None:
    """The GPUs that are named are those that CMake compiles for."""
    assert environment(plan("Stage0 += cuda(version='12.9', architectures=['80', 'sm_90a'])"))["CUDAARCHS"] == ["80;90a"]
    assert "CUDAARCHS" not in environment(plan("Stage0 += cuda(version='12.9')"))


@pytest.mark.parametrize(
    ("recipe", "image"),
    [
        ("Stage0 += gnu(version='15')\nStage0 += cuda(version='12.9')", "rockylinux:9"),
        ("Stage0 += cuda(version='11.8')", "rockylinux:10"),
        ("Stage0 += gnu(version='12')\nStage0 += cuda(version='11.8')", "ubuntu:22.04"),
    ],
)
def test_host_compilers_that_nvcc_refuses(recipe: str, image: str) -> None:
    """A GCC whose headers nvcc does not take is refused before the build."""
    assert isinstance(refusal(recipe, image), Conflict)


@pytest.mark.parametrize(
    ("options", "kind", "help"),
    [
        ("version='12.9.1'", UnknownVersion, "version='12.9'"),
        ("version='13.9'", UnknownVersion, "require="),
        ("parts=['cublass']", WrongValue, "did you mean 'cublas'?"),
        ("version='11.8', parts=['nvjitlink']", WrongValue, ">=12"),
        ("version='13.4', compat=True", WrongValue, "require="),
        ("architectures=['volta']", WrongValue, "sm_90"),
        ("fingerprint='abc'", WrongValue, "40"),
    ],
)
def test_wrong_options(options: str, kind: type[Exception], help: str) -> None:  # noqa: A002 (the error's own word)
    """A wrong option is an error that says what to write instead."""
    fault = refusal(f"Stage0 += cuda({options})")
    assert type(fault) is kind
    assert help in fault.help


def test_newer_toolkits_by_the_recipes_own_word() -> None:
    """A toolkit that hpcgen does not know yet is taken if the recipe says which drivers will do."""
    graph = plan("Stage0 += cuda(version='13.5', require='cuda>=13.0')")
    assert "cuda-nvcc-13-5" in packages(graph)
    assert environment(graph)["NVIDIA_REQUIRE_CUDA"] == ["cuda>=13.0"]


def test_partners_find_it() -> None:
    """Blocks behind it are built with it; one that names its path builds upon it too."""
    graph = plan("Stage0 += cuda(version='12.9')\nStage0 += ucx(cuda='/usr/local/cuda')\nStage0 += openmpi()")
    assert "--with-cuda=/usr/local/cuda" in configured(graph, "openmpi")
    assert upon(graph, "ucx") == {"cuda"}
    assert upon(graph, "openmpi") == {"cuda", "ucx"}


def test_tables_are_whole() -> None:
    """Each toolkit has its drivers, each part its packages, each repository its key."""
    assert all(drivers.replace(" ", "").isdigit() for drivers in DRIVERS.values() if drivers)
    assert [version for version, drivers in DRIVERS.items() if not drivers] == ["13.4"]
    assert all(apt and dnf for apt, dnf, _ in PARTS.values())
    assert [name for name, one in REPOSITORIES.items() if not one.key[1]] == ["rhel10"]


@pytest.mark.parametrize(
    ("version", "image", "names"),
    [
        ("13.2", "ubuntu:24.04", {"cuda-cupti-dev-13-2", "cuda-cccl-13-2"}),
        ("13.3", "ubuntu:24.04", {"cuda-cupti-dev-13-3", "cccl-13-3"}),
        ("13.4", "rockylinux:9", {"cuda-cupti-13-4", "cccl-13-4"}),  # with dnf, CUPTI's headers come with its library
    ],
)
def test_names_that_changed(version: str, image: str, names: set[str]) -> None:
    """Parts are called as each toolkit and package manager calls them."""
    assert packages(plan(f"Stage0 += cuda(version='{version}', parts=['cupti', 'cccl'])", image)) == names


@pytest.mark.parametrize(
    ("architectures", "words"),
    [
        (["80"], "-gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_80,code=compute_80"),
        (
            ["90", "sm_80", "100f"],
            (
                "-gencode=arch=compute_90,code=sm_90 -gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_100f,code=sm_100f "
                "-gencode=arch=compute_90,code=compute_90"
            ),
        ),
        (["90a"], "-gencode=arch=compute_90a,code=sm_90a"),
    ],
)
def test_code_for_several_gpus(architectures: list[str], words: str) -> None:
    """One build has code for each GPU, and PTX of the newest that later ones can take."""
    assert gencode(architectures) == words


RESULT = "\nStage1 += baseimage(image='{image}')\n{lines}"


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        ("Stage1 += Stage0.runtime()", []),
        ("Stage1 += Stage0.runtime(kind='prefix')", []),
        ("Stage1 += Stage0.runtime(exclude=['cuda'])", ["R24"]),
        ("Stage1 += copy(_from='devel', src='/opt/app', dest='/opt/app')", ["R24"]),
        ("Stage1 += Stage0.runtime()\nStage1 += copy(_from='devel', src='/usr/local/cuda', dest='/usr/local/cuda')", ["cuda-redistribution"]),
        ("Stage1 += Stage0.runtime()\nStage1 += copy(_from='devel', src=['/usr/local/cuda-12.9/bin/'], dest='/opt')", ["cuda-redistribution"]),
        ("Stage1 += Stage0.runtime()\nStage1 += copy(_from='devel', src='/usr/local/cuda/lib64/libcudart.so.12', dest='/opt/')", []),
        ("Stage1 += Stage0.runtime()\nStage1 += packages(apt=['cuda-gdb-12-9=12.9.79-1'])", ["cuda-redistribution"]),
        ("Stage1 += Stage0.runtime()\nStage1 += packages(apt=['cuda-cudart-12-9', 'libcublas-12-9'])", []),
    ],
)
def test_what_the_result_holds(lines: str, rules: list[str]) -> None:
    """The result is looked at: what of the toolkit nobody may hand on, and what container tools must be told (R24); the stage that builds may hold all."""
    graph = plan("Stage0 += cuda(version='12.9')\nStage0 += ucx()" + RESULT.format(image="debian:12", lines=lines))
    assert [warning.split(": ")[1] for warning in graph.warnings] == rules


def test_images_of_nvidias_say_it_themselves() -> None:
    """Upon NVIDIA's own images what they set is not asked for again."""
    lines = "Stage1 += copy(_from='devel', src='/opt/app', dest='/opt/app')\nStage1 += environment(variables={'CUDA_VERSION': '12.9.1'})"
    image = "nvcr.io/nvidia/cuda:12.9.1-base-ubuntu24.04"
    assert plan("Stage0 += cuda(version='12.9')" + RESULT.format(image=image, lines=lines), "ubuntu:24.04").warnings == ()


def test_an_image_that_stays_in_the_house() -> None:
    """Who does not hand an image on says so, and hears no more of it."""
    allowed = "Stage0 += allow('cuda-redistribution', reason='it stays in our cluster')\n"
    assert plan(allowed + "Stage0 += cuda()").warnings == ()
