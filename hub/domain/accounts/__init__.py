"""Who people are: how they sign up, prove who they are, and what they may then do without proving it again."""
