"""The profiles of clusters know the rules there are, and every job says what it takes."""

import re

import yaml

from real_models import PROJECT

RULES = {
    found[1]: block
    for file in sorted((PROJECT / "workflow/rules").glob("*.smk"))
    for block in re.split(r"^ *rule\b", file.read_text(), flags=re.MULTILINE)[1:]
    if (found := re.match(r" (\w+):", block) or re.search(r'f"(\w+_)\{one\.name\}"', block))
}
"""The text of each rule; of those that are made for each source format, by the part before the format."""
CLUSTERS = ("slurm", "kubernetes")


def profile(name: str) -> dict[str, object]:
    return yaml.safe_load((PROJECT / f"profiles/{name}/config.yaml").read_text())


def test_every_job_that_is_submitted_says_what_it_takes() -> None:
    silent = [
        name
        for name, block in RULES.items()
        if "localrule: True" not in block and not re.search(r"mem_mb=doubling.*\s+runtime=doubling", block)
    ]
    assert silent == ["report_of_failures"], "which runs by itself, after a build on this machine"
    assert len(RULES) > 20


def test_groups_are_the_same_everywhere_and_of_rules_that_are_submitted() -> None:
    groups = [profile(name)["groups"] for name in CLUSTERS]
    assert groups[0] == groups[1]
    for entry in groups[0]:
        name = entry.partition("=")[0]
        block = RULES.get(name) or RULES[name.partition("_")[0] + "_"]
        assert "localrule: True" not in block


def test_a_profile_is_the_only_one_so_that_the_submitting_hosts_cores_say_nothing_about_nodes() -> None:
    for name in CLUSTERS:
        assert isinstance(profile(name)["cores"], int)
        files = (f"profiles/{name}/config.yaml", "docs/clusters.md")
        text = "".join((PROJECT / file).read_text() for file in files)
        assert "snakemake --profile" not in text, "beside --profile, profiles/default is in force, and wins"
