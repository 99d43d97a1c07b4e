"""The verbs of `import volseg`: one function a command, each on paths and on what is in memory."""
