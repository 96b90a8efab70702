"""Access tokens (访问令牌): what a program may do in its owner's name, and until when."""
