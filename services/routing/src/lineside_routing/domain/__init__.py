"""Pure decisions: which template, what is wrong with it, which runs, what an event asks for."""
