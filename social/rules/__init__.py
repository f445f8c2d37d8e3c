"""The rules of preflight, by what they look at; `social.rule.findings` asks them all."""
