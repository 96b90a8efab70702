"""机构改革: departments renamed, merged and split, and all that is theirs moving on."""
