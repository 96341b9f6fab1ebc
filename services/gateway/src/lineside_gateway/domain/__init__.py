"""Pure decisions of the gateway: who somebody is, what they may see, how a refusal reads."""
