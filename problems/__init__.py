"""The bundled problems: one file per problem, one folder per question."""
