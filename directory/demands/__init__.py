"""What a department needs of others' data (需求清单): raised, matched against the catalogue, followed to its end."""
