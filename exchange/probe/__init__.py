"""Probes (挂接探测): is each mount of this department's entries there, as declared, and when did it last change."""
