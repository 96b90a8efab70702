"""Who must catalogue or provide what by when (责任清单): named by the office, answered by the department."""
